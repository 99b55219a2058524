import { type EventDataOf, type EventOf, paymentCompletedV1 } from '@libs/contracts';
import {
  type DispatchOutcome,
  DisbursementMoves,
  FundsOfPayments,
  type LockedPayment,
  type MovedPayment,
  OutcomesRepository,
  verdictOnOutcome,
} from '@libs/disbursements';
import { done, EventHandler, type Outcome, park } from '@libs/eventing';
import { amountOf } from '@libs/kernel';
import type { Logger } from '@libs/observability';
import type { TenantTx } from '@libs/persistence';
import { Inject, Injectable } from '@nestjs/common';

import { LOGGER } from '../core-logger';
import { DispatchQueue } from '../dispatch/dispatch-queue';
import { CancellationService } from './cancellation.service';
import { DisputeService } from './dispute.service';

type Completed = EventDataOf<typeof paymentCompletedV1>;
type CompletedPayment = Completed['payments'][number];

interface Judged {
  readonly payment: LockedPayment;
  readonly said: CompletedPayment;
}

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

  async handle(tx: TenantTx, event: EventOf<typeof paymentCompletedV1>): Promise<Outcome> {
    const { data } = event;
    const locked = new Map(
      (
        await this.outcomes.lock(
          tx,
          data.payments.map(({ id }) => id),
        )
      ).map((payment) => [payment.id, payment]),
    );
    const judged: Judged[] = [];
    for (const said of data.payments) {
      const payment = locked.get(said.id);
      if (payment === undefined) return park('no such payment of this tenant');
      judged.push({ payment, said });
    }
    await this.apply(tx, data, judged);
    const { hash, ledger } = data.ledger_transaction ?? { hash: null, ledger: null };
    // Submission has room for more of this tenant now.
    this.queue.soon(tx.tenantId);
    this.logger.info({ hash, ledger, payments: judged.length }, 'outcomes are applied');
    return done;
  }

  private async apply(tx: TenantTx, data: Completed, judged: readonly Judged[]): Promise<void> {
    const verdicts = judged.map((one) => ({
      ...one,
      verdict: verdictOnOutcome(one.payment, outcomeOf(data, one.said)),
    }));
    const chosen = (kind: 'settle' | 'reject' | 'recall'): readonly Judged[] =>
      verdicts.filter(({ verdict }) => verdict.kind === kind);
    for (const { payment, said, verdict } of verdicts) {
      if (verdict.kind === 'dispute')
        await this.disputes.open(tx, payment, {
          evidence: verdict.evidence,
          said,
          ledger: data.ledger_transaction,
        });
    }
    const ended = [
      ...(await this.settle(tx, data, chosen('settle'))),
      ...(await this.reject(tx, data, chosen('reject'))),
    ];
    await this.funds.release(tx, ended, data.ledger_transaction?.ledger ?? null);
    const isEnded = new Set(ended.map(({ id }) => id));
    const wanted = judged.filter(({ payment }) => payment.cancelRequested && isEnded.has(payment.id));
    await this.cancellations.comeTooLate(
      tx,
      wanted.map(({ payment }) => payment.id),
    );
    await this.cancellations.recall(
      tx,
      chosen('recall').map(({ payment }) => payment),
    );
    await this.disbursements.completeWhatIsDone(tx, [
      ...new Set(ended.flatMap((payment) => payment.disbursementId ?? [])),
    ]);
  }

  private async settle(
    tx: TenantTx,
    data: Completed,
    chosen: readonly Judged[],
  ): Promise<readonly MovedPayment[]> {
    if (data.ledger_transaction === null) return [];
    const { hash, source_account: sourceAccount } = data.ledger_transaction;
    return await this.outcomes.settle(
      tx,
      { hash, sourceAccount },
      chosen.map(({ said }) => ({ id: said.id, operationId: said.operation_id })),
    );
  }

  private async reject(
    tx: TenantTx,
    data: Completed,
    chosen: readonly Judged[],
  ): Promise<readonly MovedPayment[]> {
    const proof =
      data.ledger_transaction === null
        ? null
        : { hash: data.ledger_transaction.hash, sourceAccount: data.ledger_transaction.source_account };
    return await this.outcomes.reject(
      tx,
      proof,
      chosen.map(({ said }) => ({ id: said.id, reasonCode: said.reason_code ?? 'unknown' })),
    );
  }
}

const outcomeOf = (data: Completed, said: CompletedPayment): DispatchOutcome => ({
  dispatch: said.dispatch,
  // A success without its ledger transaction proves nothing, so it can only be contradicted.
  outcome: said.outcome,
  amountPaid:
    said.amount_paid === null || data.ledger_transaction === null ? null : amountOf(said.amount_paid),
  ledgerTransactionHash: data.ledger_transaction?.hash ?? null,
});
