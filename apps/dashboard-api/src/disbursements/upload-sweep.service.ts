import {
  HiddenRemoval,
  type HiddenRemains,
  type Remains,
  type RemovalPlace,
  type UploadSettlement,
  uploadStep,
  type UploadStores,
} from '@libs/disbursements';
import { eachTenant } from '@libs/eventing';
import { LOWEST_ID } from '@libs/kernel';
import { type Logger, newTrace } from '@libs/observability';
import type { TenantContext, TenantTx, UnitOfWork } from '@libs/persistence';

/** Work for one database transaction; what it returns is to be done after it, null when nothing is. */
type Chunk = (tx: TenantTx) => Promise<Chunk | null>;
/** How many database transactions may still be begun. */
interface Budget {
  chunks: number;
}
/** `taken`: another replica is at work in this tenant. */
type Swept = 'all' | 'some' | 'taken' | 'failed';

const TENANTS_PER_RUN = 1_000;
/** Per tenant and run, some 50 ms each: who left a million rows keeps nobody else waiting for long. */
const CHUNKS_MAX = 100;
/** Payments of a deleted draft that are gone when the answer comes; of more they go afterwards. */
const CLEARED_AT_ONCE = 1_000;
/** As many as it takes for those, unless files of before are being taken away, too. */
const CHUNKS_AT_ONCE = 5;
/** For some thousands of people, where the organisation knows some ten thousands: each table of them is gone along. */
const SETTLED_AT_ONCE = 20;

/**
 * What is left of uploads that ended without being published, and of published ones whose process died right after; payments
 * of replaced files and of deleted disbursements, which nobody sees any more; and the bytes of refused files, a day later.
 *
 * Tenants take turns of so many database transactions. Each goes on from a place that is kept, and only while no other replica
 * works in that tenant, so no row is gone over by two.
 */
export class UploadSweep {
  static readonly jobName = 'dashboard-sweep-uploads';
  static readonly everyMs = 10_000;
  /** Set by who registers the job: runs it in this process, whatever the clock says. */
  wake: () => void = () => undefined;

  private readonly removal: HiddenRemoval;
  /** The tenant behind which the next run begins. */
  private after = LOWEST_ID;

  constructor(
    private readonly parts: {
      readonly unitOfWork: UnitOfWork;
      readonly stores: UploadStores;
      readonly settlement: UploadSettlement;
      readonly logger: Logger;
    },
  ) {
    this.removal = new HiddenRemoval(parts.stores);
  }

  /** One turn of each tenant, and another run soon when that was not enough for somebody. */
  async run(): Promise<void> {
    const { unitOfWork, stores, logger } = this.parts;
    const tenants = await unitOfWork.runSystem('tenants in which uploads left something', (tx) =>
      stores.remains.tenants(tx, this.after, TENANTS_PER_RUN),
    );
    const isRound = tenants.length < TENANTS_PER_RUN;
    let isMore = this.after !== LOWEST_ID || !isRound;
    this.after = isRound ? LOWEST_ID : (tenants.at(-1) ?? LOWEST_ID);
    await eachTenant({ name: UploadSweep.jobName, logger }, tenants, async (tenantId) => {
      if (await this.turn(tenantId)) isMore = true;
    });
    if (isMore) this.wake();
  }

  /** What is left of an upload that ended in this process, if that is little: somebody waits. The next run does the rest. */
  async settle({ tenantId, id }: { readonly tenantId: string; readonly id: string }): Promise<void> {
    const swept = await this.sweep(contextOf(tenantId), this.settleSome(id), { chunks: SETTLED_AT_ONCE });
    if (swept !== 'all') this.wake();
  }

  /** What is left of a deleted disbursement, if that is little. Of more, and when it fails, the next run takes it away. */
  async clear(tenantId: string, disbursementId: string, payments: number): Promise<void> {
    const rows: HiddenRemains = { id: disbursementId, disbursementId, why: 'REMOVED' };
    const remains: Remains = { kind: 'hidden', id: disbursementId, rows };
    const budget: Budget = { chunks: payments <= CLEARED_AT_ONCE ? CHUNKS_AT_ONCE : 0 };
    if ((await this.sweepOne(tenantId, remains, budget)) !== 'all') this.wake();
  }

  /** True: there is more, which waits for the next turn. */
  private async turn(tenantId: string): Promise<boolean> {
    const { unitOfWork, stores } = this.parts;
    const remains = await unitOfWork.run(contextOf(tenantId), (tx) => stores.remains.list(tx));
    const budget: Budget = { chunks: CHUNKS_MAX };
    for (const one of remains) {
      const swept = await this.sweepOne(tenantId, one, budget);
      if (swept === 'taken') return false;
      if (swept === 'some') return true;
    }
    return false;
  }

  /** What fails keeps nothing else from its turn, and is tried again. */
  private async sweepOne(tenantId: string, one: Remains, budget: Budget): Promise<Swept> {
    try {
      return await this.sweep(contextOf(tenantId), this.firstOf(one), budget);
    } catch (error) {
      this.parts.logger.error(
        { err: error, tenantId, id: one.id },
        'what is left of an upload stays for now',
      );
      return 'failed';
    }
  }

  private async sweep(context: TenantContext, first: Chunk, budget: Budget): Promise<Swept> {
    const { unitOfWork, stores } = this.parts;
    for (let chunk: Chunk | null = first; chunk !== null;) {
      if (budget.chunks === 0) return 'some';
      budget.chunks -= 1;
      const work: Chunk = chunk;
      // Nobody waits for the disk: what is lost is done again.
      const step = uploadStep(async (tx) =>
        (await stores.remains.takeTurn(tx)) ? { next: await work(tx) } : null,
      );
      const done = await unitOfWork.run(context, step);
      if (done === null) return 'taken';
      chunk = done.next;
    }
    return 'all';
  }

  private firstOf(one: Remains): Chunk {
    if (one.kind === 'hidden') return this.removeSome(one.rows, null);
    return one.kind === 'upload' ? this.settleSome(one.id) : this.forgetFile(one.id);
  }

  private removeSome(rows: HiddenRemains, from: RemovalPlace | null): Chunk {
    return async (tx) => {
      const place = await this.removal.some(tx, rows, from);
      return place === null ? null : this.removeSome(rows, place);
    };
  }

  private settleSome(uploadId: string): Chunk {
    return async (tx) =>
      (await this.parts.settlement.some(tx, uploadId)) === 'some' ? this.settleSome(uploadId) : null;
  }

  private forgetFile(uploadId: string): Chunk {
    return async (tx) => {
      await this.parts.stores.parts.remove(tx, uploadId);
      await this.parts.stores.remains.keepFileNoLonger(tx, uploadId);
      return null;
    };
  }
}

const contextOf = (tenantId: string): TenantContext => ({
  tenantId,
  actor: `system:${UploadSweep.jobName}`,
  trace: newTrace(),
});
