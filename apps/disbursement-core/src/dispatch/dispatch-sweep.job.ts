import { PayablePayments, PaymentsToWorkOn, type ReadyPlace } from '@libs/disbursements';
import { type Logger, newTrace } from '@libs/observability';
import { UnitOfWork } from '@libs/persistence';
import { Inject, Injectable } from '@nestjs/common';

import { LOGGER } from '../core-logger';
import { PaymentRound } from '../rounds/payment-round';
import { DispatchQueue } from './dispatch-queue';

const CHUNK = 1_000;
/** Per tenant and run; the next run goes on from there, so that a million who have not registered cost no more than a few. */
const CHUNKS_MAX = 20;

/** Finds every payment that can be dispatched, whatever event was lost. Events only make it faster. */
@Injectable()
export class DispatchSweepJob {
  static readonly jobName = 'core-dispatch-sweep';
  static readonly everyMs = 30_000;

  private readonly round: PaymentRound;
  /** Where the walk of each tenant stands. Lost with the process: then the walk starts again. */
  private readonly position = new Map<string, ReadyPlace>();

  constructor(
    private readonly unit: UnitOfWork,
    payments: PaymentsToWorkOn,
    private readonly payable: PayablePayments,
    private readonly queue: DispatchQueue,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.round = new PaymentRound({
      unit,
      payments,
      logger,
      jobName: DispatchSweepJob.jobName,
      status: 'READY',
      reason: 'tenants with payments that wait to be dispatched',
    });
  }

  async run(): Promise<void> {
    await this.round.run(async (tenantId) => {
      // What is on the list already need not wait for the walk.
      this.queue.soon(tenantId);
      await this.walk(tenantId);
      this.queue.soon(tenantId);
    });
  }

  private async walk(tenantId: string): Promise<void> {
    const context = { tenantId, actor: 'system:dispatch-sweep', trace: newTrace() };
    for (let chunk = 0; chunk < CHUNKS_MAX; chunk += 1) {
      const from = this.position.get(tenantId) ?? null;
      const after = await this.unit.run(context, (tx) => this.payable.correct(tx, from, CHUNK));
      if (after === null) {
        this.position.delete(tenantId);
        return;
      }
      this.position.set(tenantId, after);
    }
  }
}
