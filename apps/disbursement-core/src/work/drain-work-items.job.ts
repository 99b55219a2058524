import { WorkItems } from '@libs/disbursements';
import { newTrace } from '@libs/observability';
import { UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import { DispatchQueue } from '../dispatch/dispatch-queue';
import { WorkStep } from './work-step.service';

const TENANTS_MAX = 1_000;
/** Per tenant and run: a million payments take many runs, between which other tenants get theirs. */
const CHUNKS_MAX = 40;
/** The handler that calls `soon` has not committed yet. */
const SOON_MS = 15;

/** Lets the payments of a disbursement follow it, a chunk per database transaction, from wherever it was left. */
@Injectable()
export class DrainWorkItemsJob {
  static readonly jobName = 'core-drain-work-items';
  static readonly everyMs = 5_000;
  /** Set by who registers the job: runs it in this process, whatever the clock says. */
  wake: () => void = () => undefined;

  constructor(
    private readonly unit: UnitOfWork,
    private readonly workItems: WorkItems,
    private readonly step: WorkStep,
    private readonly queue: DispatchQueue,
  ) {}

  soon(): void {
    setTimeout(() => {
      this.wake();
    }, SOON_MS).unref();
  }

  async run(): Promise<void> {
    const tenants = await this.unit.runSystem('tenants with work items', (tx) =>
      this.workItems.tenantsWithWork(tx, TENANTS_MAX),
    );
    for (const tenantId of tenants) await this.drain(tenantId);
  }

  private async drain(tenantId: string): Promise<void> {
    const context = { tenantId, actor: 'system:drain-work-items', trace: newTrace() };
    for (let chunk = 0; chunk < CHUNKS_MAX; chunk += 1) {
      const { more, receiverWalletIds } = await this.unit.run(context, (tx) => this.step.take(tx));
      this.queue.add(tenantId, receiverWalletIds);
      if (!more) return;
    }
    this.soon();
  }
}
