import {
  DisbursementMoves,
  FundsOfPayments,
  type LockedPayment,
  type MovedPayment,
  OutcomesRepository,
  PaymentMoves,
} from '@libs/disbursements';
import type { TenantTx } from '@libs/persistence';
import { Holds } from '@libs/submissions';
import { Injectable } from '@nestjs/common';

export const CANCEL_REASON = 'cancellation requested';

/** Ends payments that a person wants cancelled and that were handed over already. */
@Injectable()
export class CancellationService {
  constructor(
    private readonly outcomes: OutcomesRepository,
    private readonly moves: PaymentMoves,
    private readonly holds: Holds,
    private readonly funds: FundsOfPayments,
    private readonly disbursements: DisbursementMoves,
  ) {}

  /** Those with a live attempt stay as they are: paid wins, and unpaid they are found again by the sweep. */
  async cancelWhatIsNotUnderWay(tx: TenantTx, ids: readonly string[]): Promise<void> {
    const payments = await this.outcomes.lock(tx, ids);
    const wanted = payments.filter((payment) => payment.cancelRequested && payment.status === 'PENDING');
    const results = await this.holds.withdraw(
      tx,
      wanted.map((payment) => ({ paymentId: payment.id, dispatch: payment.dispatch })),
    );
    const withdrawn = results.flatMap((one) => (one.result === 'withdrawn' ? [one.paymentId] : []));
    await this.moves.move(tx, 'recall', withdrawn, CANCEL_REASON);
    await this.cancelRecalled(tx, withdrawn);
  }

  /** Back from submission: READY again, and on to where a person wanted them meanwhile. */
  async recall(tx: TenantTx, payments: readonly LockedPayment[]): Promise<void> {
    const ids = payments.map(({ id }) => id);
    await this.moves.move(tx, 'recall', ids, 'withdrawn from submission');
    const unwanted = payments.flatMap(({ id, cancelRequested }) => (cancelRequested ? [id] : []));
    await this.cancelRecalled(tx, unwanted);
  }

  /** *cancel* of payments that are back from submission, with their hold and their funds. */
  async cancelRecalled(tx: TenantTx, ids: readonly string[]): Promise<void> {
    for (const { id } of await this.cancel(tx, ids, CANCEL_REASON))
      await this.holds.release(tx, { type: 'payment', id }, CANCEL_REASON);
  }

  /** *cancel* of payments that are not with submission: their funds are free, and what was waiting only for them is complete. */
  async cancel(tx: TenantTx, ids: readonly string[], reason: string): Promise<readonly MovedPayment[]> {
    const canceled = await this.moves.move(tx, 'cancel', ids, reason);
    await this.funds.release(tx, canceled, null);
    await this.disbursements.completeWhatIsDone(tx, [
      ...new Set(canceled.flatMap((payment) => payment.disbursementId ?? [])),
    ]);
    return canceled;
  }

  /** Their outcome came first: nothing is left to hold. That somebody wanted them cancelled stays to be seen. */
  async comeTooLate(tx: TenantTx, ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.holds.release(tx, { type: 'payment', id }, CANCEL_REASON);
  }
}
