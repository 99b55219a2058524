import { WorkItems } from '@libs/disbursements';
import { type Logger, newTrace } from '@libs/observability';
import { type TenantContext, UnitOfWork } from '@libs/persistence';
import { Inject, Injectable } from '@nestjs/common';

import { LOGGER } from '../core-logger';
import { DispatchQueue } from '../dispatch/dispatch-queue';
import { TenantRound } from '../rounds/tenant-round';
import { WorkBeside } from './work-beside';
import { type ChunkDone, isReleasing, type Reached, WorkStep } from './work-step.service';

/** Per tenant and run: a million payments take many runs, between which other tenants get theirs. */
const CHUNKS_MAX = 16;
/** The handler that calls `soon` has not committed yet. */
const SOON_MS = 15;

/** Lets the payments of a disbursement follow it, a chunk per database transaction, from wherever it was left. */
@Injectable()
export class DrainWorkItemsJob {
  static readonly jobName = 'core-drain-work-items';
  static readonly everyMs = 5_000;
  /** Set by who registers the job: runs it in this process, whatever the clock says. */
  wake: () => void = () => undefined;

  private readonly round: TenantRound;

  constructor(
    private readonly unit: UnitOfWork,
    private readonly workItems: WorkItems,
    private readonly step: WorkStep,
    private readonly queue: DispatchQueue,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.round = new TenantRound(logger, DrainWorkItemsJob.jobName);
  }

  soon(): void {
    setTimeout(() => {
      this.wake();
    }, SOON_MS).unref();
  }

  async run(): Promise<void> {
    await this.round.run(
      (after, limit) =>
        this.unit.runSystem('tenants with work items', (tx) =>
          this.workItems.tenantsWithWork(tx, after, limit),
        ),
      (tenantId) => this.drain(tenantId),
    );
  }

  private async drain(tenantId: string): Promise<void> {
    const context = { tenantId, actor: 'system:drain-work-items', trace: newTrace() };
    const invitations = new WorkBeside();
    let reached: Reached | null = null;
    try {
      for (let chunk = 0; chunk < CHUNKS_MAX; chunk += 1) {
        const from: Reached | null = reached;
        if (from !== null && isReleasing(from)) invitations.begin(() => this.inviteBehind(context, from));
        const done: ChunkDone = await this.unit.run(context, (tx) => this.step.take(tx, from));
        reached = done.reached;
        if (done.released) this.queue.soon(tenantId);
        if (!done.more) return;
      }
    } finally {
      await invitations.end();
    }
    this.soon();
  }

  /** Until they have caught up with the release, which is not kept by them: nor does it wait when they stay behind for a while. */
  private async inviteBehind(context: TenantContext, reached: Reached): Promise<void> {
    for (let chunk = 0; chunk < CHUNKS_MAX; chunk += 1)
      if (!(await this.unit.run(context, (tx) => this.step.inviteBehind(tx, reached)))) return;
  }
}
