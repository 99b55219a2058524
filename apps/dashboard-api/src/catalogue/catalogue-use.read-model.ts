import type { TenantTx } from '@libs/persistence';

/** What still needs an asset or a wallet provider. */
export class CatalogueUse {
  /** Whether a disbursement that can still pay is made of this asset. */
  async isAssetPaid(tx: TenantTx, assetId: string): Promise<boolean> {
    const row = await tx.queryOne(
      `SELECT FROM disbursements.disbursements
        WHERE tenant_id = $1 AND asset_id = $2 AND status IN ('READY', 'STARTED', 'PAUSED') LIMIT 1`,
      [tx.tenantId, assetId],
    );
    return row !== null;
  }

  /** Whether somebody is still to register with this wallet provider. */
  async isWalletAwaited(tx: TenantTx, walletId: string): Promise<boolean> {
    const row = await tx.queryOne(
      `SELECT FROM receivers.receiver_wallets
        WHERE tenant_id = $1 AND wallet_id = $2 AND status IN ('DRAFT', 'READY') LIMIT 1`,
      [tx.tenantId, walletId],
    );
    return row !== null;
  }
}
