import { type EventOf, paymentCompletedV1, paymentReadyToPayV1 } from '@libs/contracts';
import { done, EventHandler, type Outbox, type Outcome } from '@libs/eventing';
import { type Asset, isNative, parseAmount } from '@libs/kernel';
import { isAccountAddress, parseMemo } from '@libs/ledger';
import type { TenantTx } from '@libs/persistence';
import { type ArrivedDispatch, RestoredPayments, type SubmissionRepository } from '@libs/submissions';

import { completedEvents } from '../watching/completed-events';

type ReadyToPay = EventOf<typeof paymentReadyToPayV1>;
type ReadyPayment = ReadyToPay['data']['payments'][number];

/**
 * Payments were handed over: each becomes a submission, once. A payment that can never be paid as it is becomes a submission
 * in ERROR, and its outcome is told; one that was withdrawn before it came is left alone.
 */
export class OnPaymentReadyToPayHandler extends EventHandler<typeof paymentReadyToPayV1> {
  override readonly contract = paymentReadyToPayV1;

  constructor(
    private readonly submissions: SubmissionRepository,
    private readonly outbox: Outbox,
    private readonly restored: RestoredPayments = new RestoredPayments(),
  ) {
    super();
  }

  override async handle(tx: TenantTx, event: ReadyToPay): Promise<Outcome> {
    const { disbursement_id: disbursementId, asset, payments } = event.data;
    const paid: Asset = { code: asset.code, issuer: asset.issuer };
    const dispatches = payments.map((payment) => toArrived(payment, paid));
    const notQueued = await this.submissions.store(tx, {
      disbursementId,
      assetId: asset.id,
      asset: paid,
      dispatches,
    });
    await this.restored.holdArrived(
      tx,
      dispatches.filter(({ fault }) => fault === null).map(({ paymentId }) => paymentId),
    );
    // Also when the event comes again for one that has its outcome long since: whoever asks again has missed it.
    const settled = await this.submissions.settled(tx, notQueued);
    const ended = settled.filter((one) => one.status === 'ERROR' || one.attemptId !== null);
    await this.tellOutcomes(tx, ended);
    return done;
  }

  private async tellOutcomes(
    tx: TenantTx,
    outcomes: Awaited<ReturnType<SubmissionRepository['settled']>>,
  ): Promise<void> {
    if (outcomes.length === 0) return;
    const proofs = await this.submissions.proofs(
      tx,
      outcomes.flatMap((one) => (one.attemptId === null ? [] : [one.attemptId])),
    );
    const events = completedEvents(outcomes, (one) => proofs.get(one.attemptId ?? '') ?? null);
    await this.outbox.publishAll(tx, paymentCompletedV1, events);
  }
}

function toArrived(payment: ReadyPayment, asset: Asset): ArrivedDispatch {
  const amount = parseAmount(payment.amount);
  const memo = payment.memo === null ? null : parseMemo(payment.memo.type, payment.memo.value);
  return {
    paymentId: payment.id,
    dispatch: payment.dispatch,
    receiverWalletId: payment.receiver_wallet_id,
    amount: amount.ok ? amount.value : 0n,
    destination: payment.destination,
    memo: memo?.ok === true ? memo.value : payment.memo,
    fault: faultOf(),
  };

  function faultOf(): string | null {
    if (!amount.ok) return `amount_${amount.error}`;
    if (!isAccountAddress(payment.destination)) return 'destination_not_an_account';
    if (!isNative(asset) && !isAccountAddress(asset.issuer)) return 'asset_issuer_not_an_account';
    return memo !== null && !memo.ok ? memo.error : null;
  }
}
