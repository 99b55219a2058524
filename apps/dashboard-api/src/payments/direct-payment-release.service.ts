import { paymentRequestedV1, receiverWalletNewInvitationV1 } from '@libs/contracts';
import { Outbox } from '@libs/eventing';
import { HttpProblem } from '@libs/http';
import { type Asset, assetName, formatAmount } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import type { Caller } from '../access/caller';
import { FundCheck, type FundsRead } from '../disbursements/fund-check.service';

const refuse = (error: string): never => {
  throw new HttpProblem(400, { error });
};

/** What lets a direct payment go, whether it was just made or just approved: the funds, then the events. */
@Injectable()
export class DirectPaymentRelease {
  constructor(
    private readonly funds: FundCheck,
    private readonly outbox: Outbox,
  ) {}

  /** Outside of any database transaction: what the distribution account can still send. */
  async readFunds(caller: Caller, asset: Asset, amount: bigint): Promise<FundsRead> {
    const account =
      caller.tenant.distributionAccountAddress ?? refuse('the distribution account is not ready yet');
    const needed = { account, asset: { code: asset.code, issuer: asset.issuer }, amount, payments: 1 };
    const read = await this.funds.read(caller, needed);
    if (read.lacks === 'account') {
      refuse(`distribution account stellar:${account} does not exist on the network`);
    }
    if (read.lacks === 'trustline') {
      refuse(
        `distribution account stellar:${account} does not have a trustline for asset ${assetName(asset)}. Please add a trustline before making payments`,
      );
    }
    return read;
  }

  /** Promises the money of a payment that is READY or becomes it, and tells who goes on with it. */
  async release(
    tx: TenantTx,
    payment: { readonly id: string; readonly receiverWalletId: string; readonly isRegistered: boolean },
    read: FundsRead,
  ): Promise<void> {
    const short = await this.funds.reserve(tx, read, { paymentIds: [payment.id] });
    if (short !== null) {
      const { asset, balance, needed, pending } = short;
      refuse(
        `insufficient balance for direct payment: requested ${formatAmount(needed)} ${asset.code}, ` +
          `but only ${formatAmount(balance - pending)} available (${formatAmount(pending)} in pending payments). ` +
          `Need ${formatAmount(needed + pending - balance)} more ${asset.code}`,
      );
    }
    await this.outbox.publish(tx, paymentRequestedV1, {
      type: 'payment-direct-payment-created',
      key: payment.id,
      data: { payment_ids: [payment.id] },
    });
    if (payment.isRegistered) return;
    await this.outbox.publish(tx, receiverWalletNewInvitationV1, {
      type: 'batch-receiver-wallet-sms-invitation',
      key: payment.receiverWalletId,
      data: { disbursement_id: null, receiver_wallet_ids: [payment.receiverWalletId] },
    });
  }
}
