import {
  type HiddenRemains,
  HiddenRemoval,
  type Step,
  uploadStep,
  type UploadStores,
} from '@libs/disbursements';
import { type Logger, newTrace } from '@libs/observability';
import type { TenantContext, UnitOfWork } from '@libs/persistence';
import type { LostArrivals, PublishReceivers } from '@libs/receivers';

interface LeftUpload {
  readonly tenantId: string;
  readonly id: string;
}

/**
 * What is left of uploads that ended without being published, and of published ones whose process died right after; payments
 * of replaced files and of deleted disbursements, which nobody sees any more; and the bytes of refused files, a day later.
 */
export class UploadSweep {
  static readonly jobName = 'dashboard-sweep-uploads';
  static readonly everyMs = 10_000;

  private readonly removal: HiddenRemoval;

  constructor(
    private readonly parts: {
      readonly unitOfWork: UnitOfWork;
      readonly stores: UploadStores;
      readonly arrivals: LostArrivals;
      readonly people: PublishReceivers;
      readonly logger: Logger;
    },
  ) {
    this.removal = new HiddenRemoval(parts.stores);
  }

  /** Settles every upload that nobody works on any more, of all tenants. What fails for one keeps no other from its turn. */
  async run(): Promise<void> {
    const { unitOfWork, stores, logger } = this.parts;
    const found = await unitOfWork.runSystem('uploads that nobody works on any more', (tx) =>
      stores.jobs.unsettled(tx),
    );
    for (const one of found) {
      await this.ofOne(one, async () => {
        await this.settle(one);
        logger.info({ uploadId: one.id, tenantId: one.tenantId }, 'what an upload left behind was swept');
      });
    }
    const remains = await unitOfWork.runSystem('rows that nobody sees any more', (tx) =>
      stores.hidden.remains(tx),
    );
    for (const one of remains) await this.ofOne(one, () => this.takeAway(one.tenantId, one));
    const kept = await unitOfWork.runSystem('refused files that were kept long enough', (tx) =>
      stores.jobs.keptTooLong(tx),
    );
    for (const one of kept) {
      await this.ofOne(one, () =>
        unitOfWork.run(contextOf(one.tenantId), async (tx) => {
          await stores.parts.remove(tx, one.id);
          await stores.jobs.keepNoLonger(tx, one.id);
        }),
      );
    }
  }

  private async ofOne({ tenantId, id }: LeftUpload, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.parts.logger.error(
        { err: error, tenantId, uploadId: id },
        'what is left of an upload stays for now',
      );
    }
  }

  /** What is left of a deleted disbursement. When it fails, it is told, and the clock does it. */
  async clear(tenantId: string, disbursementId: string): Promise<void> {
    const remains = { id: disbursementId, disbursementId, why: 'REMOVED' as const };
    await this.ofOne({ tenantId, id: disbursementId }, () => this.takeAway(tenantId, remains));
  }

  private async takeAway(tenantId: string, remains: HiddenRemains): Promise<void> {
    await this.removal.run(this.stepOf(contextOf(tenantId)), remains);
  }

  /** Nobody waits for the disk: what is lost is done again. */
  private stepOf(context: TenantContext): Step {
    return (work) => this.parts.unitOfWork.run(context, uploadStep(work));
  }

  /** In many database transactions, each of them small. Nothing when its process lives. */
  async settle({ tenantId, id }: LeftUpload): Promise<void> {
    const { unitOfWork, stores } = this.parts;
    const context = contextOf(tenantId);
    const todo = await unitOfWork.run(context, (tx) => stores.jobs.giveUp(tx, id));
    if (todo === null) return;
    await (todo === 'sweep' ? this.sweep(context, id) : this.finish(context, id));
    await unitOfWork.run(context, (tx) => stores.jobs.settle(tx, id));
  }

  private async sweep(context: TenantContext, id: string): Promise<void> {
    const { unitOfWork, stores, arrivals } = this.parts;
    await unitOfWork.run(context, (tx) => stores.parts.remove(tx, id));
    // Before its people: who is paid stays.
    const hidden = await unitOfWork.run(context, (tx) => stores.hidden.find(tx, id));
    if (hidden !== null) await this.removal.run(this.stepOf(context), hidden);
    for (let removed = -1; removed !== 0;) {
      removed = await unitOfWork.run(context, (tx) => arrivals.sweep(tx, id));
    }
  }

  /** What was left to do after the publication. */
  private async finish(context: TenantContext, id: string): Promise<void> {
    await this.parts.people.values.foldUpload(this.stepOf(context), id);
    await this.inviteAgain(context, id);
  }

  private async inviteAgain(context: TenantContext, id: string): Promise<void> {
    const { unitOfWork, stores, people } = this.parts;
    let last: string | null = null;
    do {
      const after: string | null = last;
      last = await unitOfWork.run(context, async (tx) => {
        const page = await stores.jobs.paidWallets(tx, id, after);
        if (page.publishedAt !== null) await people.inviteWalletsAgain(tx, page.walletIds, page.publishedAt);
        return page.last;
      });
    } while (last !== null);
  }
}

const contextOf = (tenantId: string): TenantContext => ({
  tenantId,
  actor: `system:${UploadSweep.jobName}`,
  trace: newTrace(),
});
