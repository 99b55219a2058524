import { PaymentsToWorkOn } from '@libs/disbursements';
import { type Logger, newTrace } from '@libs/observability';
import { UnitOfWork } from '@libs/persistence';
import { Inject, Injectable } from '@nestjs/common';

import { LOGGER } from '../core-logger';
import { PaymentRound } from '../rounds/payment-round';
import { CancellationService } from './cancellation.service';

const PAYMENTS_MAX = 250;

/** Cancels what a person wanted cancelled while it was on its way, once its attempt has ended unpaid. */
@Injectable()
export class CancelRequestedJob {
  static readonly jobName = 'core-cancel-requested';
  static readonly everyMs = 15_000;

  private readonly round: PaymentRound;

  constructor(
    private readonly unit: UnitOfWork,
    private readonly payments: PaymentsToWorkOn,
    private readonly cancellations: CancellationService,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.round = new PaymentRound({
      unit,
      payments,
      logger,
      jobName: CancelRequestedJob.jobName,
      status: 'PENDING',
      reason: 'tenants with payments that wait to be cancelled',
    });
  }

  async run(): Promise<void> {
    await this.round.run(async (tenantId) => {
      const context = { tenantId, actor: 'system:cancel-requested', trace: newTrace() };
      await this.unit.run(context, async (tx) => {
        const ids = await this.payments.toBeCanceled(tx, PAYMENTS_MAX);
        await this.cancellations.cancelWhatIsNotUnderWay(tx, ids);
      });
    });
  }
}
