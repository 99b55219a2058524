import { paymentRequestedV1 } from '@libs/contracts';
import {
  DisbursementMoves,
  FundsOfPayments,
  type LockedPayment,
  OutcomesRepository,
  PaymentMoves,
} from '@libs/disbursements';
import { paymentMachine } from '@libs/domain';
import { Outbox } from '@libs/eventing';
import { HttpProblem } from '@libs/http';
import { noteChange } from '@libs/identity';
import type { TenantTx } from '@libs/persistence';
import { Holds } from '@libs/submissions';
import { Injectable } from '@nestjs/common';

export const CANCEL_REASON = 'cancellation requested';

/** `canceled`: it will not be paid. `requested`: it was sent already; it will be cancelled if it ends unpaid. */
export type Cancellation = 'canceled' | 'requested';

/** Cancels one payment, in whatever state it is. */
@Injectable()
export class PaymentCancellation {
  constructor(
    private readonly outcomes: OutcomesRepository,
    private readonly moves: PaymentMoves,
    private readonly disbursements: DisbursementMoves,
    private readonly funds: FundsOfPayments,
    private readonly holds: Holds,
    private readonly outbox: Outbox,
  ) {}

  async cancel(tx: TenantTx, id: string): Promise<Cancellation> {
    const [payment] = await this.outcomes.lock(tx, [id]);
    if (payment === undefined) throw new HttpProblem(404, { error: 'payment not found' });
    if (payment.disputed) {
      throw new HttpProblem(409, {
        error: 'the payment is disputed: its outcomes contradict each other and a person has to resolve it',
      });
    }
    if (payment.status === 'PENDING') {
      const [withdrawal] = await this.holds.withdraw(tx, [{ paymentId: id, dispatch: payment.dispatch }]);
      if (withdrawal?.result !== 'withdrawn') return await this.request(tx, id);
      await this.moves.move(tx, 'recall', [id], CANCEL_REASON);
    } else if (!paymentMachine.sourcesOf('cancel').includes(payment.status)) {
      throw new HttpProblem(400, { error: 'payment is not ready to be canceled' });
    }
    const canceled = await this.moves.move(tx, 'cancel', [id], CANCEL_REASON);
    if (await this.wasPromised(tx, payment)) await this.funds.release(tx, canceled, null);
    await this.disbursements.completeWhatIsDone(
      tx,
      payment.disbursementId === null ? [] : [payment.disbursementId],
    );
    noteChange(tx, {
      subjectType: 'payment',
      subjectId: id,
      before: { status: payment.status },
      after: { status: 'CANCELED' },
    });
    return 'canceled';
  }

  /** Funds are reserved when a disbursement starts, and when a direct payment becomes READY. */
  private async wasPromised(tx: TenantTx, payment: LockedPayment): Promise<boolean> {
    if (payment.disbursementId === null) return payment.status !== 'DRAFT';
    const disbursement = await this.disbursements.lock(tx, payment.disbursementId);
    return disbursement !== null && disbursement.status !== 'DRAFT' && disbursement.status !== 'READY';
  }

  /** Its attempt is live: hold the payment, so that nothing further is signed, and wait for the end of the attempt. */
  private async request(tx: TenantTx, id: string): Promise<Cancellation> {
    await this.outcomes.requestCancellation(tx, id);
    await this.holds.hold(tx, { type: 'payment', id }, CANCEL_REASON);
    await this.outbox.publish(tx, paymentRequestedV1, {
      type: 'payment-cancellation-requested',
      key: id,
      data: { payment_ids: [id] },
    });
    noteChange(tx, {
      subjectType: 'payment',
      subjectId: id,
      before: { status: 'PENDING' },
      after: { cancellation: 'requested' },
    });
    return 'requested';
  }
}
