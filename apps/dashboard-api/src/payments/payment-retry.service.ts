import { ApprovalsRepository, type LockedPayment } from '@libs/disbursements';
import { type Answer, HttpProblem, IdempotencyKeysRepository, type IdempotentRequest } from '@libs/http';
import { noteChange, onlyLooking } from '@libs/identity';
import { formatAmount } from '@libs/kernel';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import type { Caller } from '../access/caller';
import { ANOTHER_NEEDED, ApprovalRules } from '../disbursements/approval-rules.service';
import { FundCheck, type FundsRead } from '../disbursements/fund-check.service';
import { type AssetNeed, RetriedPayments } from './retried-payments.service';

const NOT_BY_ITS_CREATOR = "Payment can't be retried by its creator. Approval by another user is required.";

const sumOf = (payments: readonly LockedPayment[]): bigint =>
  payments.reduce((sum, payment) => sum + payment.amount, 0n);

/** The funds for retried payments in one asset, as the ledger has them. */
interface NeedRead {
  readonly read: FundsRead;
  readonly paymentIds: readonly string[];
}

/** Asks for another dispatch of failed payments: all of them, or none. */
@Injectable()
export class PaymentRetry {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly answers: IdempotencyKeysRepository,
    private readonly payments: RetriedPayments,
    private readonly approvals: ApprovalsRepository,
    private readonly rules: ApprovalRules,
    private readonly funds: FundCheck,
  ) {}

  async retry(caller: Caller, ids: readonly string[], request: IdempotentRequest): Promise<Answer> {
    const account = caller.tenant.distributionAccountAddress;
    if (account === null) throw new HttpProblem(400, { error: 'the distribution account is not ready yet' });
    const looked = await this.unitOfWork.run(onlyLooking(caller.context), (tx) =>
      this.answers.findOr(tx, request, () => this.needs(tx, caller, ids)),
    );
    if (looked.answer !== null) return looked.answer;
    const reads: NeedRead[] = [];
    for (const { asset, amount, paymentIds } of looked.found) {
      const needed = { account, asset, amount, payments: paymentIds.length };
      reads.push({ paymentIds, read: await this.funds.read(caller, needed) });
    }
    return await this.unitOfWork.run(caller.context, (tx) =>
      this.answers.once(tx, request, () => this.again(tx, caller, { ids, reads })),
    );
  }

  /** What the retry costs, for somebody who may ask for it. */
  private async needs(tx: TenantTx, caller: Caller, ids: readonly string[]): Promise<readonly AssetNeed[]> {
    const payments = await this.payments.failed(tx, ids);
    const needs = await this.payments.needsOf(tx, payments);
    const madeBy = await this.approvals.makersOf(tx, ids);
    await this.rules.check(tx, caller, { amount: sumOf(payments), madeBy, refusal: NOT_BY_ITS_CREATOR });
    return needs;
  }

  private async again(
    tx: TenantTx,
    caller: Caller,
    { ids, reads }: { readonly ids: readonly string[]; readonly reads: readonly NeedRead[] },
  ): Promise<Answer> {
    const payments = await this.payments.failed(tx, ids);
    const subjects = await this.approvals.retriesOf(tx, ids);
    const madeBy = await this.approvals.makersOf(tx, ids);
    const money = { amount: sumOf(payments), madeBy, refusal: NOT_BY_ITS_CREATOR, subjects };
    if (!(await this.rules.suffices(tx, caller, money))) {
      for (const subjectId of ids) {
        const [before, after] = [{ status: 'FAILED' }, { approval: 'given' }];
        noteChange(tx, { subjectType: 'payment', subjectId, before, after });
      }
      return { status: 202, body: { message: ANOTHER_NEEDED } };
    }
    for (const read of reads) await this.reserve(tx, read);
    await this.payments.again(tx, payments, `User ${caller.user.email} has requested to retry the payment`);
    return { status: 200, body: { message: 'Payments retried successfully' } };
  }

  private async reserve(tx: TenantTx, { read, paymentIds }: NeedRead): Promise<void> {
    const short = await this.funds.reserve(tx, read, { paymentIds });
    if (short === null) return;
    const missing = formatAmount(short.needed + short.pending - short.balance);
    throw new HttpProblem(400, {
      error: `insufficient balance to retry: requested ${formatAmount(short.needed)} ${short.asset.code}, but only ${formatAmount(short.balance - short.pending)} available (${formatAmount(short.pending)} in pending payments). Need ${missing} more ${short.asset.code}`,
    });
  }
}
