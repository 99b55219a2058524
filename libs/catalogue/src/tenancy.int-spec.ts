import { twoTenantSuite } from '@libs/testing';

import { AssetsRepository } from './assets.repository';
import { plantSeeds, seedsFor } from './network-seeds';
import { WalletsRepository } from './wallets.repository';

twoTenantSuite('assets and wallet providers', {
  app: 'dashboardApi',
  tables: ['catalogue.assets', 'catalogue.wallets', 'catalogue.wallet_assets'],
  given: async (tx) => {
    const repositories = { assets: new AssetsRepository(), wallets: new WalletsRepository() };
    await plantSeeds(tx, seedsFor('a test network'), repositories);
  },
});
