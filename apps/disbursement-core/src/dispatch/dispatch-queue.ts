import { DIRECT_BEYOND_MAX, type PayablePayments } from '@libs/disbursements';
import { LOWEST_ID } from '@libs/kernel';
import { type Logger, newTrace } from '@libs/observability';
import { type TenantTx, UnitOfWork } from '@libs/persistence';

import { PaymentDispatcher } from './payment-dispatcher.service';

const PAYMENTS_PER_TRANSACTION = 250;
/** Long enough for registrations that come together to share a database transaction, too short for a person to see. */
const GATHER_MS = 30;
/** Whoever wakes the queue from inside a database transaction has surely committed by then. */
const AGAIN_MS = 1_000;

export interface DispatchQueueOptions {
  readonly unit: UnitOfWork;
  readonly dispatcher: PaymentDispatcher;
  readonly payable: PayablePayments;
  readonly logger: Logger;
}

/** How far the walk over what one tenant can have dispatched has come. */
interface Walk {
  after: string;
  /** The same for direct payments, so that held ones do not keep the others from ever being looked at. */
  afterDirect: string;
  /** Something came since the walk began: there must be another one from the start. */
  woken: boolean;
}

/** What one turn finds, and where the next one begins. */
interface Found extends Pick<Walk, 'after' | 'afterDirect'> {
  readonly ids: readonly string[];
  readonly turn: Turn;
}

/** What became of one tenant's turn. `full`: submission has enough of its payments; outcomes will wake it. */
type Turn = 'more' | 'end' | 'full';

/**
 * Dispatches what can go, tenant by tenant, a set each in turn, so that a large disbursement does not keep a small one waiting.
 *
 * It keeps only which tenants may have something: what can go is found in the database. What is forgotten at a kill, or at an
 * error, the sweep finds. At most a bounded backlog per tenant is with submission; each outcome makes room for more.
 */
export class DispatchQueue {
  private readonly walks = new Map<string, Walk>();
  private readonly waiting = new Set<string>();
  private readonly toAskAgain = new Set<string>();
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private stopped = false;

  constructor(private readonly options: DispatchQueueOptions) {}

  /** Something of the tenant may be able to go, now or when the caller's database transaction has committed. */
  soon(tenantId: string): void {
    if (this.stopped) return;
    this.wake(tenantId);
    if (this.toAskAgain.has(tenantId)) return;
    this.toAskAgain.add(tenantId);
    setTimeout(() => {
      this.toAskAgain.delete(tenantId);
      this.wake(tenantId);
    }, AGAIN_MS).unref();
  }

  /** Finishes the set at hand. What still waits is left to the sweep of another process. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.running;
  }

  /** Resolves when nobody waits for a turn. */
  async idle(): Promise<void> {
    while (this.timer !== null || this.running !== null || this.waiting.size > 0) {
      await (this.running ?? new Promise((resolve) => setTimeout(resolve, GATHER_MS)));
    }
  }

  private wake(tenantId: string): void {
    const walk = this.walks.get(tenantId);
    if (walk === undefined) this.walks.set(tenantId, newWalk());
    else walk.woken = true;
    this.waiting.add(tenantId);
    this.schedule();
  }

  private schedule(): void {
    if (this.timer !== null || this.running !== null || this.stopped || this.waiting.size === 0) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.running = this.drain().finally(() => {
        this.running = null;
        this.schedule();
      });
    }, GATHER_MS);
  }

  /** Until nobody waits: one set for each tenant in turn. */
  private async drain(): Promise<void> {
    for (const tenantId of this.waiting) {
      if (this.stopped) return;
      // Taken out before the look, so that whoever wakes it during the look puts it behind all others again.
      this.waiting.delete(tenantId);
      if (await this.hasMore(tenantId)) this.waiting.add(tenantId);
    }
  }

  private async hasMore(tenantId: string): Promise<boolean> {
    const walk = this.walks.get(tenantId) ?? newWalk();
    if (walk.after === LOWEST_ID && walk.afterDirect === LOWEST_ID) walk.woken = false;
    try {
      const turn = await this.turn(tenantId, walk);
      if (turn !== 'end') return turn === 'more';
      if (!walk.woken) {
        this.walks.delete(tenantId);
        return false;
      }
      walk.after = LOWEST_ID;
      return true;
    } catch (error) {
      this.walks.delete(tenantId);
      this.options.logger.error(
        { error, tenantId },
        'dispatching failed; the sweep will find these payments',
      );
      return false;
    }
  }

  private async turn(tenantId: string, walk: Walk): Promise<Turn> {
    const { unit, dispatcher } = this.options;
    const context = { tenantId, actor: 'system:dispatch', trace: newTrace() };
    const { turn, after, afterDirect } = await unit.run(context, async (tx) => {
      const found = await this.find(tx, walk);
      await dispatcher.dispatch(tx, found.ids);
      return found;
    });
    Object.assign(walk, { after, afterDirect });
    return turn;
  }

  private async find(tx: TenantTx, { after, afterDirect }: Walk): Promise<Found> {
    const { payable } = this.options;
    const room = await payable.room(tx);
    const directMax = Math.min(PAYMENTS_PER_TRANSACTION, room + DIRECT_BEYOND_MAX);
    // More is with submission than may be: two processes took room at the same moment, or the bound was another one.
    if (directMax <= 0) return { ids: [], turn: 'full', after, afterDirect };
    const direct = await payable.next(tx, { type: 'DIRECT', after: afterDirect, limit: directMax });
    const ids = direct.flatMap(({ id, canGo }) => (canGo ? [id] : []));
    const lastDirect = direct.length < directMax ? undefined : direct.at(-1)?.id;
    const next = { after, afterDirect: lastDirect ?? LOWEST_ID };
    const limit = Math.min(PAYMENTS_PER_TRANSACTION, room) - ids.length;
    if (limit <= 0) return { ...next, ids, turn: room > 0 || lastDirect !== undefined ? 'more' : 'full' };
    const others = await payable.next(tx, { type: 'DISBURSEMENT', after, limit });
    return {
      ids: [...ids, ...others.flatMap(({ id, canGo }) => (canGo ? [id] : []))],
      turn: others.length < limit && lastDirect === undefined ? 'end' : 'more',
      after: others.at(-1)?.id ?? after,
      afterDirect: next.afterDirect,
    };
  }
}

const newWalk = (): Walk => ({ after: LOWEST_ID, afterDirect: LOWEST_ID, woken: false });
