import { AssetsRepository, type WalletProvider, WalletsRepository } from '@libs/catalogue';
import { DisbursementsRepository } from '@libs/disbursements';
import { HttpProblem } from '@libs/http';
import { noteChange } from '@libs/identity';
import { isId } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import type { Caller } from '../access/caller';
import type { DisbursementBody } from './disbursement-body';

const refuse = (status: number, error: string): never => {
  throw new HttpProblem(status, { error });
};

/** Creates a disbursement in DRAFT, after the checks that need the tenant's catalogue. */
@Injectable()
export class NewDisbursement {
  constructor(
    private readonly disbursements: DisbursementsRepository,
    private readonly wallets: WalletsRepository,
    private readonly assets: AssetsRepository,
  ) {}

  async create(tx: TenantTx, caller: Caller, body: DisbursementBody): Promise<string> {
    const wallet = await this.walletFor(tx, body);
    if (!wallet.enabled) refuse(400, 'Wallet is not enabled');
    const asset = isId(body.assetId) ? await this.assets.find(tx, body.assetId) : null;
    if (asset === null || asset.deletedAt !== null)
      throw new HttpProblem(400, { error: 'asset ID could not be retrieved' });
    const id = await this.disbursements.add(tx, {
      name: body.name,
      assetId: asset.id,
      walletId: wallet.id,
      contactType: body.contactType,
      verificationField: body.verificationField,
      messageTemplate: body.messageTemplate,
      createdBy: caller.user.id,
    });
    if (id === null) return refuse(409, 'disbursement already exists');
    noteChange(tx, {
      subjectType: 'disbursements',
      subjectId: id,
      before: null,
      after: {
        name: body.name,
        asset_id: asset.id,
        wallet_id: wallet.id,
        registration_contact_type: body.contactType,
        verification_field: body.verificationField,
      },
    });
    return id;
  }

  private async walletFor(tx: TenantTx, body: DisbursementBody): Promise<WalletProvider> {
    if (body.contactType.endsWith('_AND_WALLET_ADDRESS')) {
      const [wallet] = await this.wallets.list(tx, { userManaged: true, enabled: true });
      return wallet ?? refuse(400, 'No User Managed Wallets found');
    }
    const wallet = isId(body.walletId) ? await this.wallets.find(tx, body.walletId) : null;
    if (wallet === null) {
      throw new HttpProblem(400, { extras: { wallet_id: 'wallet_id could not be retrieved' } });
    }
    return wallet;
  }
}
