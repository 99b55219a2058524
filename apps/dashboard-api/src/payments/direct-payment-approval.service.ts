import { type DirectPayment, DirectPaymentsRepository, PaymentMoves } from '@libs/disbursements';
import { type Answer, HttpProblem, IdempotencyKeysRepository, type IdempotentRequest } from '@libs/http';
import { noteChange, onlyLooking } from '@libs/identity';
import { isId } from '@libs/kernel';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import type { Caller } from '../access/caller';
import { ANOTHER_NEEDED, ApprovalRules } from '../disbursements/approval-rules.service';
import type { FundsRead } from '../disbursements/fund-check.service';
import { DirectPaymentRelease } from './direct-payment-release.service';

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
    private readonly release: DirectPaymentRelease,
  ) {}

  /** Answers 200 when it goes, 202 when somebody else has to approve it too. */
  async approve(caller: Caller, id: string, request: IdempotentRequest): Promise<Answer> {
    const looked = await this.unitOfWork.run(onlyLooking(caller.context), (tx) =>
      this.answers.findOr(tx, request, () => this.look(tx, caller, id)),
    );
    if (looked.answer !== null) return looked.answer;
    const { asset, amount } = looked.found;
    const funds = await this.release.readFunds(caller, asset, amount);
    return await this.unitOfWork.run(caller.context, (tx) =>
      this.answers.once(tx, request, () => this.letGo(tx, caller, { id, funds })),
    );
  }

  private async look(tx: TenantTx, caller: Caller, id: string): Promise<DirectPayment> {
    const payment = await this.waiting(tx, id, 'look');
    const { amount, createdBy } = payment;
    const madeBy = [`user:${createdBy}`];
    await this.rules.check(tx, caller, { amount, madeBy, refusal: NOT_BY_ITS_CREATOR });
    return payment;
  }

  private async letGo(
    tx: TenantTx,
    caller: Caller,
    { id, funds }: { readonly id: string; readonly funds: FundsRead },
  ): Promise<Answer> {
    const payment = await this.waiting(tx, id, 'lock');
    const subjects = [{ id, version: String(payment.dispatch) }];
    const { amount, createdBy } = payment;
    const money = { amount, madeBy: [`user:${createdBy}`], refusal: NOT_BY_ITS_CREATOR, subjects };
    if (!(await this.rules.suffices(tx, caller, money))) {
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
