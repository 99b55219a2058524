import { PaymentsToWorkOn } from '@libs/disbursements';
import { newTrace } from '@libs/observability';
import { UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import { CancellationService } from './cancellation.service';

const TENANTS_MAX = 1_000;
const PAYMENTS_MAX = 250;

/** Cancels what a person wanted cancelled while it was on its way, once its attempt has ended unpaid. */
@Injectable()
export class CancelRequestedJob {
  static readonly jobName = 'core-cancel-requested';
  static readonly everyMs = 15_000;

  constructor(
    private readonly unit: UnitOfWork,
    private readonly payments: PaymentsToWorkOn,
    private readonly cancellations: CancellationService,
  ) {}

  async run(): Promise<void> {
    const tenants = await this.unit.runSystem('tenants with payments that wait to be cancelled', (tx) =>
      this.payments.tenantsWithPayments(tx, 'PENDING', TENANTS_MAX),
    );
    for (const tenantId of tenants) {
      const context = { tenantId, actor: 'system:cancel-requested', trace: newTrace() };
      await this.unit.run(context, async (tx) => {
        const ids = await this.payments.toBeCanceled(tx, PAYMENTS_MAX);
        await this.cancellations.cancelWhatIsNotUnderWay(tx, ids);
      });
    }
  }
}
