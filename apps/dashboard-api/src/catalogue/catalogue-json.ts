import type { CatalogueAsset, WalletProvider } from '@libs/catalogue';

export const assetJson = (asset: CatalogueAsset): Record<string, unknown> => ({
  id: asset.id,
  code: asset.code,
  issuer: asset.issuer,
  created_at: asset.createdAt,
  updated_at: asset.updatedAt,
  deleted_at: asset.deletedAt,
});

/** Empty fields are left out, as screens expect. */
export const walletJson = (wallet: WalletProvider): Record<string, unknown> => ({
  id: wallet.id,
  name: wallet.name,
  ...(wallet.homepage === '' ? {} : { homepage: wallet.homepage }),
  ...(wallet.sep10ClientDomain === '' ? {} : { sep_10_client_domain: wallet.sep10ClientDomain }),
  ...(wallet.deepLinkSchema === '' ? {} : { deep_link_schema: wallet.deepLinkSchema }),
  enabled: wallet.enabled,
  user_managed: wallet.userManaged,
  embedded: wallet.embedded,
  assets: wallet.assets.map(assetJson),
  created_at: wallet.createdAt,
  updated_at: wallet.updatedAt,
});
