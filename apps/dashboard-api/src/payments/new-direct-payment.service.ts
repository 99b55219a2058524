import { DirectPaymentsRepository } from '@libs/disbursements';
import { type Answer, IdempotencyKeysRepository, type IdempotentRequest } from '@libs/http';
import { noteChange, onlyLooking } from '@libs/identity';
import { formatAmount, invariant } from '@libs/kernel';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import type { Caller } from '../access/caller';
import { ApprovalRules } from '../disbursements/approval-rules.service';
import type { FundsRead } from '../disbursements/fund-check.service';
import type { DirectPaymentOrder } from './direct-payment-body';
import { DirectPaymentParties, type Parties } from './direct-payment-parties.service';
import { DirectPaymentRelease } from './direct-payment-release.service';
import { paymentJson } from './payment-json';
import { PaymentsReadModel } from './payments.read-model';

/** Nobody may take back what one has just made, so a maker is only asked for the second factor. */
const BY_THE_MAKER = { madeBy: [], refusal: '' } as const;

interface Looked {
  readonly parties: Parties;
  /** For the approval of somebody else. */
  readonly waits: boolean;
}

/** Makes a payment to one person. It is READY at once, or DRAFT where somebody else has to approve it. */
@Injectable()
export class NewDirectPayment {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly answers: IdempotencyKeysRepository,
    private readonly parties: DirectPaymentParties,
    private readonly approval: ApprovalRules,
    private readonly release: DirectPaymentRelease,
    private readonly payments: DirectPaymentsRepository,
    private readonly views: PaymentsReadModel,
  ) {}

  async create(caller: Caller, order: DirectPaymentOrder, request: IdempotentRequest): Promise<Answer> {
    const looked = await this.unitOfWork.run(onlyLooking(caller.context), (tx) =>
      this.answers.findOr(tx, request, () => this.look(tx, caller, order)),
    );
    if (looked.answer !== null) return looked.answer;
    const { parties, waits } = looked.found;
    const { asset } = parties;
    const funds = waits ? null : await this.release.readFunds(caller, asset, order.amount);
    return await this.unitOfWork.run(caller.context, (tx) =>
      this.answers.once(tx, request, () => this.add(tx, caller, { order, funds })),
    );
  }

  private async look(tx: TenantTx, caller: Caller, order: DirectPaymentOrder): Promise<Looked> {
    const parties = await this.parties.find(tx, order);
    await this.parties.receiverWallet(tx, parties, order);
    const waits = await this.approval.isNeeded(tx, order.amount);
    if (!waits) await this.approval.check(tx, caller, { amount: order.amount, ...BY_THE_MAKER });
    return { parties, waits };
  }

  /** Everything is looked at again: a second may have passed at the ledger. */
  private async add(
    tx: TenantTx,
    caller: Caller,
    { order, funds }: { readonly order: DirectPaymentOrder; readonly funds: FundsRead | null },
  ): Promise<Answer> {
    const parties = await this.parties.find(tx, order);
    await this.parties.keep(tx, parties);
    const receiverWallet = await this.parties.takeReceiverWallet(tx, parties, order);
    const waits = funds === null || (await this.approval.isNeeded(tx, order.amount));
    const id = await this.payments.add(tx, {
      receiverId: parties.receiverId,
      receiverWalletId: receiverWallet.id,
      assetId: parties.asset.id,
      amount: order.amount,
      externalPaymentId: order.externalPaymentId,
      createdBy: caller.user.id,
      status: waits ? 'DRAFT' : 'READY',
    });
    if (!waits) {
      const isRegistered = receiverWallet.status === 'REGISTERED';
      await this.release.release(tx, { id, receiverWalletId: receiverWallet.id, isRegistered }, funds);
    }
    const created = await this.views.find(tx, id);
    invariant(created !== null, 'a payment that was just made is there');
    noteChange(tx, {
      subjectType: 'payment',
      subjectId: id,
      before: null,
      after: {
        status: created.status,
        amount: formatAmount(order.amount),
        asset: parties.asset.code,
        issuer: parties.asset.issuer,
        receiver: parties.receiverId,
        wallet: parties.wallet.name,
      },
    });
    return { status: 201, body: paymentJson(created) };
  }
}
