import { AssetsRepository, WalletsRepository } from '@libs/catalogue';
import { Module } from '@nestjs/common';

import { LedgerAccountReader } from '../ledger/ledger-account-reader';
import { AssetsController } from './assets.controller';
import { BalancesController } from './balances.controller';
import { WalletsController } from './wallets.controller';

const parts = [
  { provide: AssetsRepository, useFactory: () => new AssetsRepository() },
  { provide: WalletsRepository, useFactory: () => new WalletsRepository() },
];

/** What an organisation pays with, and through whom. */
@Module({
  controllers: [AssetsController, BalancesController, WalletsController],
  providers: [...parts, LedgerAccountReader],
})
export class CatalogueModule {}
