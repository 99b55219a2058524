import { type EventDataOf, paymentReadyToPayV1 } from '@libs/contracts';
import { type DispatchedPayment, DispatchRepository, tracingMemoOf } from '@libs/disbursements';
import { Outbox } from '@libs/eventing';
import { formatAmount } from '@libs/kernel';
import { childTrace, type Logger, withTrace } from '@libs/observability';
import type { TenantTx } from '@libs/persistence';
import { OrganizationsRepository, TenantsRepository } from '@libs/tenants';
import { Inject, Injectable } from '@nestjs/common';

import { LOGGER } from '../core-logger';

type ReadyToPay = EventDataOf<typeof paymentReadyToPayV1>;
type ReadyToPayType = (typeof paymentReadyToPayV1)['types'][number];

/** Hands payments over to submission: the move and the event that tells of it, in one database transaction. */
@Injectable()
export class PaymentDispatcher {
  constructor(
    private readonly dispatches: DispatchRepository,
    private readonly outbox: Outbox,
    private readonly organizations: OrganizationsRepository,
    private readonly tenants: TenantsRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Returns how many of the payments went; the others may not go now. */
  async dispatch(tx: TenantTx, ids: readonly string[]): Promise<number> {
    const dispatched = await this.dispatches.submit(tx, ids);
    await this.publish(tx, dispatched);
    return dispatched.length;
  }

  /**
   * Says the current dispatch of PENDING payments again, under the same number. Submission knows what it has: it
   * stores what it never heard of, and repeats the outcome of what it has finished.
   */
  async repeat(tx: TenantTx, ids: readonly string[]): Promise<void> {
    await this.publish(tx, await this.dispatches.asDispatched(tx, ids));
  }

  private async publish(tx: TenantTx, payments: readonly DispatchedPayment[]): Promise<void> {
    if (payments.length === 0) return;
    const memo = await this.tracingMemo(tx);
    const groups = Map.groupBy(
      payments,
      (payment) => `${payment.disbursementId ?? payment.id} ${payment.asset.id}`,
    );
    for (const group of groups.values()) {
      const [first] = group;
      if (first === undefined) continue;
      const { disbursementId, asset } = first;
      const trace = first.trace === '' ? tx.trace : childTrace(first.trace);
      await this.outbox.publishChunked(tx, paymentReadyToPayV1, {
        type: typeOf(first),
        key: disbursementId ?? first.id,
        trace,
        items: group.map((payment) => instructionOf(payment, memo)),
        toData: (instructions): ReadyToPay => ({
          disbursement_id: disbursementId,
          asset: { id: asset.id, code: asset.code, issuer: asset.issuer },
          payments: instructions,
        }),
      });
      withTrace({ tenantId: tx.tenantId, trace }, () => {
        this.logger.info({ disbursementId, payments: group.length }, 'payments are handed over');
      });
    }
  }

  /** The memo that names the organisation on the ledger, where it wants that; a receiver's own memo wins. */
  private async tracingMemo(tx: TenantTx): Promise<ReadyToPay['payments'][number]['memo']> {
    const organization = await this.organizations.find(tx);
    if (organization?.isMemoTracingEnabled !== true) return null;
    const tenant = await this.tenants.findById(tx, tx.tenantId);
    return tenant === null ? null : { type: 'text', value: tracingMemoOf(tenant.baseUrl) };
  }
}

function typeOf(payment: DispatchedPayment): ReadyToPayType {
  if (payment.disbursementId === null) return 'payment-direct-payment';
  return payment.dispatch > 1
    ? 'payment-ready-to-pay-retry-failed-payment'
    : 'payment-ready-to-pay-disbursement-started';
}

const instructionOf = (
  payment: DispatchedPayment,
  tracingMemo: ReadyToPay['payments'][number]['memo'],
): ReadyToPay['payments'][number] => ({
  id: payment.id,
  dispatch: payment.dispatch,
  receiver_wallet_id: payment.receiverWalletId,
  amount: formatAmount(payment.amount),
  destination: payment.destination,
  memo: payment.memo ?? tracingMemo,
});
