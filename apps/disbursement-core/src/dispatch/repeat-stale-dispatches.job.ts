import { PaymentsToWorkOn } from '@libs/disbursements';
import { type Logger, newTrace } from '@libs/observability';
import { UnitOfWork } from '@libs/persistence';
import { Inject, Injectable } from '@nestjs/common';

import { LOGGER } from '../core-logger';
import { PaymentRound } from '../rounds/payment-round';
import { PaymentDispatcher } from './payment-dispatcher.service';

const STALE_AFTER_MS = 10 * 60_000;
const PAYMENTS_MAX = 250;

/**
 * A payment that is PENDING for over ten minutes is handed over once more under the same dispatch number: submission
 * stores it when it never arrived, repeats the outcome when it has one, and does nothing while it is on its way.
 */
@Injectable()
export class RepeatStaleDispatchesJob {
  static readonly jobName = 'core-repeat-stale-dispatches';
  static readonly everyMs = 60_000;

  private readonly round: PaymentRound;

  constructor(
    private readonly unit: UnitOfWork,
    private readonly payments: PaymentsToWorkOn,
    private readonly dispatcher: PaymentDispatcher,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.round = new PaymentRound({
      unit,
      payments,
      logger,
      jobName: RepeatStaleDispatchesJob.jobName,
      status: 'PENDING',
      reason: 'tenants with payments that wait for an outcome',
    });
  }

  async run(): Promise<void> {
    await this.round.run(async (tenantId) => {
      const context = { tenantId, actor: 'system:repeat-stale-dispatches', trace: newTrace() };
      await this.unit.run(context, async (tx) => {
        const stale = await this.payments.pendingSince(tx, STALE_AFTER_MS, PAYMENTS_MAX);
        await this.dispatcher.repeat(
          tx,
          stale.map((payment) => payment.id),
        );
      });
    });
  }
}
