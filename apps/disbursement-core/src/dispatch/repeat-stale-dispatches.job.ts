import { PaymentsToWorkOn } from '@libs/disbursements';
import { newTrace } from '@libs/observability';
import { UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import { PaymentDispatcher } from './payment-dispatcher.service';

const STALE_AFTER_MS = 10 * 60_000;
const TENANTS_MAX = 1_000;
const PAYMENTS_MAX = 250;

/**
 * A payment that is PENDING for over ten minutes is handed over once more under the same dispatch number: submission
 * stores it when it never arrived, repeats the outcome when it has one, and does nothing while it is on its way.
 */
@Injectable()
export class RepeatStaleDispatchesJob {
  static readonly jobName = 'core-repeat-stale-dispatches';
  static readonly everyMs = 60_000;

  constructor(
    private readonly unit: UnitOfWork,
    private readonly payments: PaymentsToWorkOn,
    private readonly dispatcher: PaymentDispatcher,
  ) {}

  async run(): Promise<void> {
    const tenants = await this.unit.runSystem('tenants with payments that wait for an outcome', (tx) =>
      this.payments.tenantsWithPayments(tx, 'PENDING', TENANTS_MAX),
    );
    for (const tenantId of tenants) {
      const context = { tenantId, actor: 'system:repeat-stale-dispatches', trace: newTrace() };
      await this.unit.run(context, async (tx) => {
        const stale = await this.payments.pendingSince(tx, STALE_AFTER_MS, PAYMENTS_MAX);
        await this.dispatcher.repeat(
          tx,
          stale.map((payment) => payment.id),
        );
      });
    }
  }
}
