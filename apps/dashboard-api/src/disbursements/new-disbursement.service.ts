import { AssetsRepository, type WalletProvider, WalletsRepository } from '@libs/catalogue';
import { DisbursementsRepository, type UploadTarget } from '@libs/disbursements';
import { HttpProblem } from '@libs/http';
import { noteChange } from '@libs/identity';
import { isId } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import type { Caller } from '../access/caller';
import type { DisbursementBody } from './disbursement-body';

/** The rows of the catalogue that a disbursement pays by. */
export interface MadeFor {
  readonly walletId: string;
  readonly assetId: string;
}

const NAME_TAKEN = 'disbursement already exists';

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

  /** What it will ask of its file, before it is made; under the id that it will have. */
  async target(tx: TenantTx, id: string, body: DisbursementBody): Promise<UploadTarget> {
    const { walletId, assetId } = await this.catalogued(tx, body);
    if (await this.disbursements.hasName(tx, body.name)) refuse(409, NAME_TAKEN);
    const { contactType, verificationField } = body;
    return {
      ...{ id, contactType, verificationField, walletId, assetId },
      ...{ status: 'DRAFT', fileName: null, uploadId: null },
    };
  }

  async create(tx: TenantTx, caller: Caller, id: string, body: DisbursementBody): Promise<MadeFor> {
    const made = await this.catalogued(tx, body);
    const isAdded = await this.disbursements.add(tx, {
      ...made,
      id,
      name: body.name,
      contactType: body.contactType,
      verificationField: body.verificationField,
      messageTemplate: body.messageTemplate,
      createdBy: caller.user.id,
    });
    if (!isAdded) refuse(409, NAME_TAKEN);
    noteChange(tx, {
      subjectType: 'disbursements',
      subjectId: id,
      before: null,
      after: {
        name: body.name,
        asset_id: made.assetId,
        wallet_id: made.walletId,
        registration_contact_type: body.contactType,
        verification_field: body.verificationField,
      },
    });
    return made;
  }

  private async catalogued(tx: TenantTx, body: DisbursementBody): Promise<MadeFor> {
    const wallet = await this.walletFor(tx, body);
    if (!wallet.enabled) refuse(400, 'Wallet is not enabled');
    const asset = isId(body.assetId) ? await this.assets.find(tx, body.assetId) : null;
    if (asset === null || asset.deletedAt !== null)
      throw new HttpProblem(400, { error: 'asset ID could not be retrieved' });
    return { walletId: wallet.id, assetId: asset.id };
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
