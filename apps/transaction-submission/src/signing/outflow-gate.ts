import { type Asset, assetName } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import type {
  NewAttempt,
  OutflowCeiling,
  OutflowCeilings,
  QueuedSubmission,
  SubmissionRepository,
} from '@libs/submissions';

import type { EngineContext, Monotonic } from '../engine-context';

type Carrier = Pick<NewAttempt, 'submissionIds'>;

/** What may be stored under the ceilings that are locked, and the names of the assets that have one. */
export interface Admitted<T extends Carrier> {
  readonly attempts: readonly T[];
  readonly limited: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** A ceiling that is reached is looked at again after this. */
const CLOSED_MS = 10_000;
const TOLD_EVERY_MS = 600_000;
const REMEMBERED_MAX = 5_000;

const keyOf = (tenantId: string, { code, issuer }: Asset): string => `${tenantId}|${code}|${issuer}`;

/**
 * Keeps each tenant within the ceilings on what leaves its account per hour. In order, as they came: what does not fit
 * waits, and what comes after it in the same asset waits too, so that a large payment is not overtaken for ever. Only what is
 * larger than the whole ceiling is passed by.
 */
export class OutflowGate {
  private readonly closed = new Map<string, number>();
  private readonly told = new Map<string, number>();

  constructor(
    private readonly context: Pick<EngineContext, 'logger'>,
    private readonly parts: {
      readonly submissions: SubmissionRepository;
      readonly ceilings: OutflowCeilings;
      readonly now: Monotonic;
    },
  ) {}

  /** Claims what fits now. Nothing else happens where the tenant has no ceiling. */
  async claim(
    tx: TenantTx,
    order: { readonly instanceId: string; readonly limit: number },
  ): Promise<readonly QueuedSubmission[]> {
    const { submissions } = this.parts;
    const ceilings = await this.parts.ceilings.list(tx);
    if (ceilings.length === 0) return await submissions.claim(tx, order);
    const notAbove = ceilings.map(({ asset, perHour }) => ({
      asset,
      most: this.isClosed(tx.tenantId, asset) ? 0n : perHour,
    }));
    const claimed = await submissions.claim(tx, { ...order, notAbove });
    const { fitting, reached } = within(ceilings, claimed);
    const kept = new Set(fitting);
    const waiting = claimed.filter((one) => !kept.has(one)).map(({ id }) => id);
    if (waiting.length > 0) await submissions.unclaim(tx, order.instanceId, waiting);
    await this.close(tx, reached);
    return fitting;
  }

  /**
   * Under the lock of who signs: the attempts of these that may be stored, and the assets of which what is stored is to be
   * counted. The others' payments wait.
   */
  async admit<T extends Carrier>(
    tx: TenantTx,
    attempts: readonly T[],
    claimed: readonly QueuedSubmission[],
  ): Promise<Admitted<T>> {
    if (attempts.length === 0) return { attempts, limited: NONE };
    const ceilings = await this.parts.ceilings.lock(tx);
    if (ceilings.length === 0) return { attempts, limited: NONE };
    const byId = new Map(claimed.map((one) => [one.id, one]));
    const left = new Map(ceilings.map(({ asset, perHour, used }) => [assetName(asset), perHour - used]));
    const admitted = attempts.filter(({ submissionIds }) => {
      const needed = new Map<string, bigint>();
      for (const id of submissionIds) {
        const one = byId.get(id);
        if (one === undefined || !left.has(assetName(one.asset))) continue;
        needed.set(assetName(one.asset), (needed.get(assetName(one.asset)) ?? 0n) + one.amount);
      }
      const isTooMuch = [...needed].some(([name, amount]) => amount > (left.get(name) ?? 0n));
      if (isTooMuch) return false;
      for (const [name, amount] of needed) left.set(name, (left.get(name) ?? 0n) - amount);
      return true;
    });
    return { attempts: admitted, limited: new Set(ceilings.map(({ asset }) => assetName(asset))) };
  }

  /** Counts what was stored of the limited assets, in the database transaction that admitted it. */
  async count(
    tx: TenantTx,
    { attempts, limited }: Admitted<Carrier>,
    claimed: readonly QueuedSubmission[],
  ): Promise<void> {
    if (limited.size === 0 || attempts.length === 0) return;
    const ids = new Set(attempts.flatMap(({ submissionIds }) => submissionIds));
    await this.parts.ceilings.take(
      tx,
      claimed.filter((one) => ids.has(one.id) && limited.has(assetName(one.asset))),
    );
  }

  private isClosed(tenantId: string, asset: Asset): boolean {
    return (this.closed.get(keyOf(tenantId, asset)) ?? -Infinity) > this.parts.now();
  }

  private async close(tx: TenantTx, reached: readonly OutflowCeiling[]): Promise<void> {
    if (reached.length === 0) return;
    const now = this.parts.now();
    if (this.closed.size >= REMEMBERED_MAX) this.closed.clear();
    if (this.told.size >= REMEMBERED_MAX) this.told.clear();
    for (const { asset, perHour } of reached) {
      const key = keyOf(tx.tenantId, asset);
      this.closed.set(key, now + CLOSED_MS);
      if ((this.told.get(key) ?? -Infinity) > now) continue;
      this.told.set(key, now + TOLD_EVERY_MS);
      this.context.logger.error(
        { tenantId: tx.tenantId, asset: assetName(asset), perHour: String(perHour) },
        'a tenant has reached its ceiling on what it pays per hour: further payments wait',
      );
    }
    await this.parts.ceilings.markReached(
      tx,
      reached.map(({ asset }) => asset),
    );
  }
}

/** In their order, those that fit into what is left of each ceiling, and the ceilings for which others wait. */
function within(
  ceilings: readonly OutflowCeiling[],
  claimed: readonly QueuedSubmission[],
): { readonly fitting: readonly QueuedSubmission[]; readonly reached: readonly OutflowCeiling[] } {
  const left = new Map(ceilings.map(({ asset, perHour, used }) => [assetName(asset), perHour - used]));
  const reached = new Set<string>();
  const fitting = claimed.filter(({ asset, amount }) => {
    const name = assetName(asset);
    const room = left.get(name);
    if (room === undefined) return true;
    if (amount > room) reached.add(name);
    if (reached.has(name)) return false;
    left.set(name, room - amount);
    return true;
  });
  return { fitting, reached: ceilings.filter(({ asset }) => reached.has(assetName(asset))) };
}
