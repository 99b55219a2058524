import { PaymentsToWorkOn } from '@libs/disbursements';
import { type Logger, newTrace } from '@libs/observability';
import { UnitOfWork } from '@libs/persistence';

import { PaymentDispatcher } from './payment-dispatcher.service';

/** Beyond this many remembered receiver wallets the sweep of every 30 s finds the rest. */
const WALLETS_MAX = 50_000;
const PAYMENTS_PER_TRANSACTION = 250;
/** Long enough for registrations that come together to share a database transaction, too short for a person to see. */
const GATHER_MS = 30;

export interface DispatchQueueOptions {
  readonly unit: UnitOfWork;
  readonly dispatcher: PaymentDispatcher;
  readonly payments: PaymentsToWorkOn;
  readonly logger: Logger;
}

/**
 * Remembers whose payments may be able to go, and dispatches them in sets.
 *
 * Only a hint in memory: what is forgotten at a kill, or at an error, the sweep finds. It exists because a payment
 * at a time would lock and commit the counters of its disbursement once per person.
 */
export class DispatchQueue {
  private readonly waiting = new Map<string, Set<string>>();
  private count = 0;
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private stopped = false;

  constructor(private readonly options: DispatchQueueOptions) {}

  /** Call it after what makes the payments ready is committed. */
  add(tenantId: string, receiverWalletIds: readonly string[]): void {
    if (this.stopped || this.count + receiverWalletIds.length > WALLETS_MAX) return;
    const wallets = this.waiting.get(tenantId) ?? new Set<string>();
    this.waiting.set(tenantId, wallets);
    const before = wallets.size;
    for (const id of receiverWalletIds) wallets.add(id);
    this.count += wallets.size - before;
    this.schedule();
  }

  /** Finishes the set at hand. What still waits is left to the sweep of another process. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.running;
  }

  private schedule(): void {
    if (this.timer !== null || this.running !== null || this.stopped || this.count === 0) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.running = this.drain().finally(() => {
        this.running = null;
        this.schedule();
      });
    }, GATHER_MS);
  }

  /** One set for each tenant in turn, so that a large disbursement does not keep a small one waiting. */
  private async drain(): Promise<void> {
    for (const tenantId of [...this.waiting.keys()]) {
      if (this.stopped) return;
      const wallets = this.take(tenantId);
      await this.dispatch(tenantId, wallets).catch((error: unknown) => {
        this.options.logger.error(
          { error, tenantId },
          'dispatching failed; the sweep will find these payments',
        );
      });
    }
  }

  private take(tenantId: string): string[] {
    const wallets = this.waiting.get(tenantId) ?? new Set<string>();
    const taken = [...wallets].slice(0, PAYMENTS_PER_TRANSACTION);
    for (const id of taken) wallets.delete(id);
    this.count -= taken.length;
    if (wallets.size === 0) this.waiting.delete(tenantId);
    return taken;
  }

  private async dispatch(tenantId: string, receiverWalletIds: string[]): Promise<void> {
    const { unit, payments, dispatcher } = this.options;
    const context = { tenantId, actor: 'system:dispatch', trace: newTrace() };
    // A receiver wallet may have many payments; each turn takes a set of them until none is left.
    for (let moved = PAYMENTS_PER_TRANSACTION; moved >= PAYMENTS_PER_TRANSACTION && !this.stopped;) {
      moved = await unit.run(context, async (tx) => {
        const found = await payments.dispatchableOf(tx, receiverWalletIds, PAYMENTS_PER_TRANSACTION);
        return await dispatcher.dispatch(
          tx,
          found.map((payment) => payment.id),
        );
      });
    }
  }
}
