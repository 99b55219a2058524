import { type EventDataOf, type EventOf, paymentCompletedV1 } from '@libs/contracts';
import {
  type DispatchOutcome,
  DisbursementMoves,
  FundsOfPayments,
  type LockedPayment,
  type MovedPayment,
  OutcomesRepository,
  type OutcomeVerdict,
  verdictOnOutcome,
} from '@libs/disbursements';
import { done, EventHandler, type Outcome, park } from '@libs/eventing';
import { amountOf } from '@libs/kernel';
import { type Logger, withTrace } from '@libs/observability';
import type { TenantTx } from '@libs/persistence';
import { Inject, Injectable } from '@nestjs/common';

import { LOGGER } from '../core-logger';
import { DispatchQueue } from '../dispatch/dispatch-queue';
import { CancellationService } from './cancellation.service';
import { DisputeService } from './dispute.service';

type PaymentCompleted = EventOf<typeof paymentCompletedV1>;
type Completed = EventDataOf<typeof paymentCompletedV1>;
type CompletedPayment = Completed['payments'][number];
type LedgerTransaction = Completed['ledger_transaction'];

interface Judged {
  readonly payment: LockedPayment;
  readonly said: CompletedPayment;
  readonly ledgerTransaction: LedgerTransaction;
  readonly verdict: OutcomeVerdict;
}

/** What comes together, as far as nobody has to look at it: the others are told alone. */
const PLAIN: readonly OutcomeVerdict['kind'][] = ['settle', 'reject', 'ignore'];

/**
 * What the ledger did, or can never do any more, to dispatched payments.
 *
 * The event is evidence. Evidence that fits moves the payment; evidence that contradicts it marks the payment as
 * disputed, because every such case is money in the wrong place.
 */
@Injectable()
export class OnPaymentCompletedHandler extends EventHandler<typeof paymentCompletedV1> {
  readonly contract = paymentCompletedV1;

  constructor(
    private readonly outcomes: OutcomesRepository,
    private readonly disbursements: DisbursementMoves,
    private readonly funds: FundsOfPayments,
    private readonly disputes: DisputeService,
    private readonly cancellations: CancellationService,
    private readonly queue: DispatchQueue,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    super();
  }

  async handle(tx: TenantTx, event: PaymentCompleted): Promise<Outcome> {
    const judged = await this.judge(tx, [event]);
    if (judged === null) return park('no such payment of this tenant');
    await this.apply(tx, judged);
    // Submission has room for more of this tenant now.
    this.queue.soon(tx.tenantId);
    this.tell(event);
    return done;
  }

  /** A direct payment has an event of its own, so a ledger that took a thousand of them is a thousand events. */
  override async handleAll(tx: TenantTx, events: readonly PaymentCompleted[]): Promise<void> {
    const ids = events.flatMap(({ data }) => data.payments.map(({ id }) => id));
    if (new Set(ids).size < ids.length) throw new Error('two of these events speak about the same payment');
    const judged = await this.judge(tx, events);
    if (judged === null) throw new Error('one of these payments is not of this tenant');
    if (!judged.every(({ payment, verdict }) => PLAIN.includes(verdict.kind) && !payment.cancelRequested))
      throw new Error('one of these outcomes takes more than to settle or reject its payment');
    await this.apply(tx, judged);
    this.queue.soon(tx.tenantId);
    for (const event of events)
      withTrace({ tenantId: tx.tenantId, trace: event.trace }, () => this.tell(event));
  }

  private tell({ data: { ledger_transaction: ledgerTransaction, payments } }: PaymentCompleted): void {
    const { hash, ledger } = ledgerTransaction ?? { hash: null, ledger: null };
    this.logger.info({ hash, ledger, payments: payments.length }, 'outcomes are applied');
  }

  /** Locks the payments of all these events, and compares them with what was said; null when one is unknown. */
  private async judge(tx: TenantTx, events: readonly PaymentCompleted[]): Promise<readonly Judged[] | null> {
    const ids = events.flatMap(({ data }) => data.payments.map(({ id }) => id));
    const locked = new Map((await this.outcomes.lock(tx, ids)).map((payment) => [payment.id, payment]));
    const judged: Judged[] = [];
    for (const { data } of events) {
      for (const said of data.payments) {
        const payment = locked.get(said.id);
        if (payment === undefined) return null;
        const verdict = verdictOnOutcome(payment, outcomeOf(data, said));
        judged.push({ payment, said, ledgerTransaction: data.ledger_transaction, verdict });
      }
    }
    return judged;
  }

  private async apply(tx: TenantTx, judged: readonly Judged[]): Promise<void> {
    for (const { payment, said, ledgerTransaction: ledger, verdict } of judged) {
      if (verdict.kind === 'dispute')
        await this.disputes.open(tx, payment, { evidence: verdict.evidence, said, ledger });
    }
    const ended: MovedPayment[] = [];
    const byLedgerTransaction = Map.groupBy(judged, ({ ledgerTransaction: of }) =>
      of === null ? '' : `${of.hash} ${of.source_account}`,
    );
    for (const group of byLedgerTransaction.values()) {
      const ledgerTransaction = group[0]?.ledgerTransaction ?? null;
      ended.push(...(await this.settle(tx, ledgerTransaction, chosenOf(group, 'settle'))));
      ended.push(...(await this.reject(tx, ledgerTransaction, chosenOf(group, 'reject'))));
    }
    await this.funds.release(tx, ended, lastLedgerOf(judged));
    const isEnded = new Set(ended.map(({ id }) => id));
    const wanted = judged.filter(({ payment }) => payment.cancelRequested && isEnded.has(payment.id));
    await this.cancellations.comeTooLate(
      tx,
      wanted.map(({ payment }) => payment.id),
    );
    await this.cancellations.recall(
      tx,
      chosenOf(judged, 'recall').map(({ payment }) => payment),
    );
    await this.disbursements.completeWhatIsDone(tx, [
      ...new Set(ended.flatMap((payment) => payment.disbursementId ?? [])),
    ]);
  }

  private async settle(
    tx: TenantTx,
    ledgerTransaction: LedgerTransaction,
    chosen: readonly Judged[],
  ): Promise<readonly MovedPayment[]> {
    if (ledgerTransaction === null) return [];
    const { hash, source_account: sourceAccount } = ledgerTransaction;
    return await this.outcomes.settle(
      tx,
      { hash, sourceAccount },
      chosen.map(({ said }) => ({ id: said.id, operationId: said.operation_id })),
    );
  }

  private async reject(
    tx: TenantTx,
    ledgerTransaction: LedgerTransaction,
    chosen: readonly Judged[],
  ): Promise<readonly MovedPayment[]> {
    const proof =
      ledgerTransaction === null
        ? null
        : { hash: ledgerTransaction.hash, sourceAccount: ledgerTransaction.source_account };
    return await this.outcomes.reject(
      tx,
      proof,
      chosen.map(({ said }) => ({ id: said.id, reasonCode: said.reason_code ?? 'unknown' })),
    );
  }
}

const chosenOf = (judged: readonly Judged[], kind: 'settle' | 'reject' | 'recall'): readonly Judged[] =>
  judged.filter(({ verdict }) => verdict.kind === kind);

/** Null when no ledger had any of them. */
const lastLedgerOf = (judged: readonly Judged[]): number | null =>
  judged.reduce<number | null>((last, { ledgerTransaction: of }) => {
    return of === null ? last : Math.max(last ?? 0, of.ledger);
  }, null);

const outcomeOf = (data: Completed, said: CompletedPayment): DispatchOutcome => ({
  dispatch: said.dispatch,
  // A success without its ledger transaction proves nothing, so it can only be contradicted.
  outcome: said.outcome,
  amountPaid:
    said.amount_paid === null || data.ledger_transaction === null ? null : amountOf(said.amount_paid),
  ledgerTransactionHash: data.ledger_transaction?.hash ?? null,
});
