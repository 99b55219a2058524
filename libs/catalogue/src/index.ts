export type { CatalogueAsset } from './asset';
export { AssetsRepository } from './assets.repository';
export { assetCheckMigrations } from './migrations/asset-check.migration';
export { catalogueMigrations } from './migrations/catalogue.migration';
export { type NetworkSeeds, plantSeeds, seedsFor } from './network-seeds';
export type { NewWallet, WalletChange, WalletConflict, WalletProvider } from './wallet';
export { type WalletFilter, WalletsRepository } from './wallets.repository';
