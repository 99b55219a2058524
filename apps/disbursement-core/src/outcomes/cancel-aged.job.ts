import { PaymentsToWorkOn } from '@libs/disbursements';
import { type Logger, newTrace } from '@libs/observability';
import { UnitOfWork } from '@libs/persistence';
import { OrganizationsRepository } from '@libs/tenants';
import { Inject, Injectable } from '@nestjs/common';

import { LOGGER } from '../core-logger';
import { PaymentRound } from '../rounds/payment-round';
import { CancellationService } from './cancellation.service';

const PAYMENTS_PER_TRANSACTION = 250;
/** Per tenant and run, so that one whose million payments come of age keeps nobody else waiting. */
const CHUNKS_MAX = 40;

/** Cancels what was READY for longer than the organisation wants to wait for people to register. */
@Injectable()
export class CancelAgedJob {
  static readonly jobName = 'core-cancel-aged';
  static readonly everyMs = 300_000;

  private readonly round: PaymentRound;

  constructor(
    private readonly unit: UnitOfWork,
    private readonly payments: PaymentsToWorkOn,
    private readonly organizations: OrganizationsRepository,
    private readonly cancellations: CancellationService,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.round = new PaymentRound({
      unit,
      payments,
      logger,
      jobName: CancelAgedJob.jobName,
      status: 'READY',
      reason: 'tenants with payments that may have come of age',
    });
  }

  async run(): Promise<void> {
    await this.round.run((tenantId) => this.cancel(tenantId));
  }

  private async cancel(tenantId: string): Promise<void> {
    const context = { tenantId, actor: 'system:cancel-aged', trace: newTrace() };
    for (let chunk = 0; chunk < CHUNKS_MAX; chunk += 1) {
      const found = await this.unit.run(context, async (tx) => {
        // Read each time: somebody may change it meanwhile, and must not have to wait for the million.
        const days = (await this.organizations.find(tx))?.paymentCancellationPeriodDays ?? null;
        if (days === null) return 0;
        const ids = await this.payments.readySince(tx, days, PAYMENTS_PER_TRANSACTION);
        await this.cancellations.cancel(tx, ids, `not paid within ${String(days)} days`);
        return ids.length;
      });
      if (found < PAYMENTS_PER_TRANSACTION) return;
    }
  }
}
