import type { TenantTx } from '@libs/persistence';

/** What still needs an asset or a wallet provider. */
export class CatalogueUse {
  /** What still pays in this asset, in words; null for nothing. */
  async payingIn(tx: TenantTx, assetId: string): Promise<string | null> {
    const row = await tx.queryOne<{ readonly what: string }>(
      `SELECT 'a disbursement that is not completed' AS what FROM disbursements.disbursements
        WHERE tenant_id = $1 AND asset_id = $2 AND status IN ('READY', 'STARTED', 'PAUSED')
        UNION ALL
       SELECT 'an open direct payment' FROM disbursements.payments
        WHERE tenant_id = $1 AND asset_id = $2 AND type = 'DIRECT' AND status IN ('DRAFT', 'READY', 'PENDING', 'PAUSED')
        LIMIT 1`,
      [tx.tenantId, assetId],
    );
    return row?.what ?? null;
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
