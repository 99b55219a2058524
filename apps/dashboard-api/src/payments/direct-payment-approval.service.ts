import { type DirectPayment, DirectPaymentsRepository, PaymentMoves } from '@libs/disbursements';
import { type Answer, HttpProblem, IdempotencyKeysRepository, type IdempotentRequest } from '@libs/http';
import { noteChange, onlyLooking } from '@libs/identity';
import { isId } from '@libs/kernel';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import type { Caller } from '../access/caller';
import { ANOTHER_NEEDED, ApprovalRules, type MoneyToApprove } from '../disbursements/approval-rules.service';
import type { FundsRead } from '../disbursements/fund-check.service';
import { RecipientChangesReadModel } from '../disbursements/recipient-changes.read-model';
import { recipientChangesJson } from '../disbursements/seen-recipients';
import { DirectPaymentRelease } from './direct-payment-release.service';
import type { PaymentRow } from './payment-rows';

const NOT_BY_ITS_CREATOR = "Payment can't be approved by its creator. Approval by another user is required.";

const refuse = (status: number, error: string): never => {
  throw new HttpProblem(status, { error });
};

/** Lets a direct payment go that waited for somebody else than who made it. */
@Injectable()
export class DirectPaymentApproval {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly answers: IdempotencyKeysRepository,
    private readonly payments: DirectPaymentsRepository,
    private readonly moves: PaymentMoves,
    private readonly rules: ApprovalRules,
    private readonly changes: RecipientChangesReadModel,
    private readonly release: DirectPaymentRelease,
  ) {}

  /**
   * Answers 200 when it goes, 202 when somebody else has to approve it too. `seen`: the version of the changes of its receiver that
   * the caller has looked at; null for none.
   */
  async approve(
    caller: Caller,
    id: string,
    request: IdempotentRequest,
    seen: string | null,
  ): Promise<Answer> {
    const looked = await this.unitOfWork.run(onlyLooking(caller.context), (tx) =>
      this.answers.findOr(tx, request, () => this.look(tx, caller, { id, seen })),
    );
    if (looked.answer !== null) return looked.answer;
    const { asset, amount } = looked.found;
    const funds = await this.release.readFunds(caller, asset, amount);
    return await this.unitOfWork.run(caller.context, (tx) =>
      this.answers.once(tx, request, () => this.letGo(tx, caller, { id, seen, funds })),
    );
  }

  /** What staff changed of its receiver since it was made, for who has to approve it; null for nothing. */
  async changesOf(tx: TenantTx, { id, type, status }: PaymentRow): Promise<object | null> {
    if (type !== 'DIRECT' || status !== 'DRAFT') return null;
    const payment = await this.payments.find(tx, id, 'look');
    return payment === null ? null : recipientChangesJson(await this.changes.ofPayment(tx, payment));
  }

  private async look(
    tx: TenantTx,
    caller: Caller,
    { id, seen }: { readonly id: string; readonly seen: string | null },
  ): Promise<DirectPayment> {
    const payment = await this.waiting(tx, id, 'look');
    await this.rules.check(tx, caller, await this.moneyOf(tx, payment, seen));
    return payment;
  }

  private async moneyOf(
    tx: TenantTx,
    payment: DirectPayment,
    seen: string | null,
  ): Promise<Required<MoneyToApprove>> {
    const { amount, createdBy } = payment;
    const changes = await this.changes.ofPayment(tx, payment);
    const recipients = { changes, seen, isReviewed: seen !== null, shownBy: 'GET /payments/{id}' };
    return { amount, madeBy: [`user:${createdBy}`], refusal: NOT_BY_ITS_CREATOR, recipients };
  }

  private async letGo(
    tx: TenantTx,
    caller: Caller,
    { id, seen, funds }: { readonly id: string; readonly seen: string | null; readonly funds: FundsRead },
  ): Promise<Answer> {
    const payment = await this.waiting(tx, id, 'lock');
    const money = await this.moneyOf(tx, payment, seen);
    const version = money.recipients.changes?.version ?? String(payment.dispatch);
    if (!(await this.rules.suffices(tx, caller, { ...money, subjects: [{ id, version }] }))) {
      note(tx, id, { approval: 'given' });
      return { status: 202, body: { message: ANOTHER_NEEDED } };
    }
    await this.moves.move(tx, 'release', [id], `Payment approved by user_id ${caller.user.id}`);
    const { receiverWallet } = payment;
    const isRegistered = receiverWallet.status === 'REGISTERED';
    await this.release.release(tx, { id, receiverWalletId: receiverWallet.id, isRegistered }, funds);
    note(tx, id, { status: 'READY' });
    return { status: 200, body: { message: 'Payment approved' } };
  }

  /** A payment that waits for approval and could be paid. */
  private async waiting(tx: TenantTx, id: string, lock: 'lock' | 'look'): Promise<DirectPayment> {
    const payment = isId(id) ? await this.payments.find(tx, id, lock) : null;
    if (payment === null) return refuse(404, 'payment not found');
    if (payment.status !== 'DRAFT') return refuse(400, 'payment is not waiting for approval');
    const { walletProvider, receiverWallet } = payment;
    if (!walletProvider.enabled) refuse(400, `wallet '${walletProvider.name}' is not enabled for payments`);
    if (receiverWallet.status !== 'READY' && receiverWallet.status !== 'REGISTERED') {
      refuse(400, `receiver wallet is not ready for payment, current status is ${receiverWallet.status}`);
    }
    return payment;
  }
}

const note = (tx: TenantTx, id: string, after: object): void => {
  noteChange(tx, { subjectType: 'payment', subjectId: id, before: { status: 'DRAFT' }, after });
};
