import { AssetsRepository, WalletsRepository } from '@libs/catalogue';
import { TenantsRepository } from '@libs/tenants';
import { Module } from '@nestjs/common';

import { LedgerAccountReader } from '../ledger/ledger-account-reader';
import { AssetsController } from './assets.controller';
import { BalancesController } from './balances.controller';
import { CatalogueUse } from './catalogue-use.read-model';
import { WalletsController } from './wallets.controller';

const parts = [
  { provide: AssetsRepository, useFactory: () => new AssetsRepository() },
  { provide: WalletsRepository, useFactory: () => new WalletsRepository() },
  { provide: TenantsRepository, useFactory: () => new TenantsRepository() },
  { provide: CatalogueUse, useFactory: () => new CatalogueUse() },
];

/** What an organisation pays with, and through whom. */
@Module({
  controllers: [AssetsController, BalancesController, WalletsController],
  providers: [...parts, LedgerAccountReader],
})
export class CatalogueModule {}
