import { PUBLIC_NETWORK_PASSPHRASE } from '@libs/config';
import { type Asset, XLM } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

import type { AssetsRepository } from './assets.repository';
import type { NewWallet } from './wallet';
import type { WalletsRepository } from './wallets.repository';

/** Circle's issuer of USDC on the public network, as published at circle.com. */
const USDC_PUBLIC: Asset = {
  code: 'USDC',
  issuer: 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN',
};

const USER_MANAGED: NewWallet = {
  name: 'User Managed Wallet',
  homepage: 'https://www.stellar.org',
  sep10ClientDomain: '',
  deepLinkSchema: 'SELF',
  enabled: true,
  userManaged: true,
};

const provider = (
  name: string,
  homepage: string,
  deepLinkSchema: string,
  sep10ClientDomain: string,
): NewWallet => ({ name, homepage, deepLinkSchema, sep10ClientDomain, enabled: true, userManaged: false });

const PUBLIC_WALLETS: readonly NewWallet[] = [
  provider('Decaf', 'https://decaf.so', 'https://decafwallet.app.link', 'decaf.so'),
  provider('Vesseo', 'https://vesseoapp.com', 'https://vesseoapp.com/disbursement', 'vesseoapp.com'),
  provider(
    'Beans App',
    'https://beansapp.com',
    'https://www.beansapp.com/disbursements/registration?env=prod',
    'api.beansapp.com',
  ),
  USER_MANAGED,
];

const TEST_WALLETS: readonly NewWallet[] = [
  provider(
    'Demo Wallet',
    'https://demo-wallet.stellar.org',
    'https://demo-wallet.stellar.org',
    'demo-wallet-server.stellar.org',
  ),
  USER_MANAGED,
];

export interface NetworkSeeds {
  readonly assets: readonly Asset[];
  readonly wallets: readonly NewWallet[];
}

/** What a new organisation finds in its catalogue. On every network but the public one: XLM and the demo wallet. */
export function seedsFor(networkPassphrase: string, more: readonly Asset[] = []): NetworkSeeds {
  return networkPassphrase === PUBLIC_NETWORK_PASSPHRASE
    ? { assets: [XLM, USDC_PUBLIC, ...more], wallets: PUBLIC_WALLETS }
    : { assets: [XLM, ...more], wallets: TEST_WALLETS };
}

/** Adds what is missing of the seeds; what is there stays as staff left it. */
export async function plantSeeds(
  tx: TenantTx,
  seeds: NetworkSeeds,
  repositories: { readonly assets: AssetsRepository; readonly wallets: WalletsRepository },
): Promise<void> {
  const assetIds: string[] = [];
  for (const asset of seeds.assets) assetIds.push((await repositories.assets.add(tx, asset)).id);
  for (const wallet of seeds.wallets) {
    const added = await repositories.wallets.add(tx, wallet);
    if (added.ok) await repositories.wallets.setAssets(tx, added.value, assetIds);
  }
}
