import { type LockedPayment, OutcomesRepository } from '@libs/disbursements';
import type { CounterMetric, Logger } from '@libs/observability';
import type { TenantTx } from '@libs/persistence';
import { Holds } from '@libs/submissions';

export const DISPUTE_REASON = 'disputed';

/** Stops everything about a payment whose outcomes contradict each other, until a person has resolved it. */
export class DisputeService {
  constructor(
    private readonly outcomes: OutcomesRepository,
    private readonly holds: Holds,
    private readonly observe: { readonly logger: Logger; readonly disputes: CounterMetric<never> },
  ) {}

  async open(tx: TenantTx, payment: LockedPayment, evidence: object): Promise<void> {
    await this.outcomes.dispute(tx, payment.id, {
      ...evidence,
      status: payment.status,
      dispatch: payment.dispatch,
    });
    await this.holds.hold(tx, { type: 'payment', id: payment.id }, DISPUTE_REASON);
    if (payment.status === 'PENDING') {
      await this.holds.withdraw(tx, [{ paymentId: payment.id, dispatch: payment.dispatch }]);
    }
    this.observe.disputes.add({});
    this.observe.logger.error(
      { paymentId: payment.id },
      'a payment is disputed: see runbook disputed-payment',
    );
  }
}
