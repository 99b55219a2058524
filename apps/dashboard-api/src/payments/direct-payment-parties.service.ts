import {
  AssetsRepository,
  type CatalogueAsset,
  type WalletProvider,
  WalletsRepository,
} from '@libs/catalogue';
import { HttpProblem } from '@libs/http';
import { assetName, invariant, isId, sameAsset } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import { PayeesRepository, type PayeeWallet, ReceiverWalletMoves } from '@libs/receivers';
import { Injectable } from '@nestjs/common';

import type { AssetReference, DirectPaymentOrder } from './direct-payment-body';

/** What is paid to whom, and where. */
export interface Parties {
  readonly asset: CatalogueAsset;
  readonly receiverId: string;
  readonly wallet: WalletProvider;
}

const NO_USER_MANAGED_WALLET = 'no enabled user managed wallet';

const notFound = (entity: string, reference: string): never => {
  throw new HttpProblem(404, { error: `${entity} not found with reference: ${reference}` });
};

/** Both as the text, for programs that read only that, and field by field. */
const refuse = (field: string, error: string): never => {
  throw new HttpProblem(400, { error, extras: { [field]: error } });
};

/** Finds what the body of a direct payment names, in the documented order of its refusals. */
@Injectable()
export class DirectPaymentParties {
  constructor(
    private readonly assets: AssetsRepository,
    private readonly wallets: WalletsRepository,
    private readonly payees: PayeesRepository,
    private readonly receiverWallets: ReceiverWalletMoves,
  ) {}

  async find(tx: TenantTx, order: DirectPaymentOrder): Promise<Parties> {
    const asset = await this.asset(tx, order.asset);
    const receiverId = await this.receiver(tx, order.receiver);
    const wallet = await this.wallet(tx, order.wallet);
    if (!wallet.enabled) refuse('wallet', `wallet '${wallet.name}' is not enabled for payments`);
    const isSupported = wallet.userManaged || wallet.assets.some((one) => sameAsset(one, asset));
    if (!isSupported) {
      // It may have been deleted since it was read, and then every wallet is without it.
      await this.keepAsset(tx, asset);
      refuse('asset', `asset '${asset.code}' is not supported by wallet '${wallet.name}'`);
    }
    return { asset, receiverId, wallet };
  }

  /** Until the commit nobody deletes the asset or the wallet provider. */
  async keep(tx: TenantTx, { asset, wallet }: Parties): Promise<void> {
    await this.keepAsset(tx, asset);
    if (!(await this.wallets.keep(tx, wallet.id))) notFound('wallet', wallet.id);
  }

  /** The receiver wallet that the payment would go to; null when one is to be added. */
  async receiverWallet(
    tx: TenantTx,
    { receiverId, wallet }: Parties,
    order: DirectPaymentOrder,
  ): Promise<PayeeWallet | null> {
    const found = await this.payees.wallet(tx, receiverId, wallet.id);
    if (found === null) {
      if (wallet.userManaged) {
        return refuse('wallet', `no receiver wallet: the receiver has no address at wallet '${wallet.name}'`);
      }
      if (await this.payees.canRegister(tx, receiverId)) return null;
      return refuse(
        'wallet',
        `no receiver wallet: the receiver is not known at wallet '${wallet.name}' and has no verification to register with`,
      );
    }
    if ('address' in order.wallet && found.address !== order.wallet.address) {
      return refuse('wallet.address', 'the address is not the one that the receiver is known with');
    }
    if (found.status !== 'READY' && found.status !== 'REGISTERED') {
      return refuse(
        'receiver',
        `receiver wallet is not ready for payment, current status is ${found.status}`,
      );
    }
    return found;
  }

  /** The same, kept as it is until the commit; who could register gets one at a provider where they have none yet. */
  async takeReceiverWallet(tx: TenantTx, parties: Parties, order: DirectPaymentOrder): Promise<PayeeWallet> {
    const found = await this.receiverWallet(tx, parties, order);
    if (found !== null) return found;
    const { receiverId, wallet } = parties;
    await this.payees.addWallet(tx, receiverId, wallet.id);
    const added = await this.payees.wallet(tx, receiverId, wallet.id);
    if (added?.status === 'DRAFT') await this.receiverWallets.invite(tx, [added.id]);
    const taken = await this.receiverWallet(tx, parties, order);
    invariant(taken !== null, 'a receiver wallet that was just added is there');
    return taken;
  }

  private async keepAsset(tx: TenantTx, { id }: CatalogueAsset): Promise<void> {
    if (!(await this.assets.keep(tx, id))) notFound('asset', id);
  }

  private async asset(tx: TenantTx, reference: AssetReference): Promise<CatalogueAsset> {
    if ('id' in reference) {
      const asset = isId(reference.id) ? await this.assets.find(tx, reference.id) : null;
      return asset ?? notFound('asset', reference.id);
    }
    const { code, issuer } = reference.asset;
    const asset = await this.assets.findByCode(tx, reference.asset);
    return asset ?? notFound('asset', assetName({ code, issuer }));
  }

  private async receiver(tx: TenantTx, reference: DirectPaymentOrder['receiver']): Promise<string> {
    const { by, value } = reference;
    const id = by === 'id' && !isId(value) ? null : await this.payees.find(tx, reference);
    if (id !== null) return id;
    if (by === 'id') return notFound('receiver', value);
    const kind = by === 'stellar_address' ? 'wallet address' : 'contact info';
    throw new HttpProblem(404, { error: `receiver not found: no receiver found with ${kind}: ${value}` });
  }

  private async wallet(tx: TenantTx, reference: DirectPaymentOrder['wallet']): Promise<WalletProvider> {
    if ('id' in reference) {
      const wallet = isId(reference.id) ? await this.wallets.find(tx, reference.id) : null;
      return wallet ?? notFound('wallet', reference.id);
    }
    const [wallet] = await this.wallets.list(tx, { userManaged: true, enabled: true });
    return wallet ?? refuse('wallet', NO_USER_MANAGED_WALLET);
  }
}
