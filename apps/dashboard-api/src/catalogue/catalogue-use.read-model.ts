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

  /** What still needs this wallet provider, in words that say it of the wallet; null for nothing. */
  async needing(tx: TenantTx, walletId: string): Promise<string | null> {
    const row = await tx.queryOne<{ readonly what: string }>(
      `SELECT 'has pending registrations' AS what FROM receivers.receiver_wallets
        WHERE tenant_id = $1 AND wallet_id = $2 AND status IN ('DRAFT', 'READY')
        UNION ALL
       SELECT 'is used by a disbursement that is not completed' FROM disbursements.disbursements
        WHERE tenant_id = $1 AND wallet_id = $2 AND status IN ('READY', 'STARTED', 'PAUSED')
        UNION ALL
       SELECT 'is used by a direct payment that awaits approval' FROM disbursements.payments p
        WHERE p.tenant_id = $1 AND p.type = 'DIRECT' AND p.status = 'DRAFT' AND EXISTS (
          -- One look per payment, and never all wallets of the provider.
          SELECT FROM receivers.receiver_wallets w
           WHERE w.tenant_id = $1 AND w.id = p.receiver_wallet_id AND w.wallet_id = $2 OFFSET 0)
        LIMIT 1`,
      [tx.tenantId, walletId],
    );
    return row?.what ?? null;
  }
}
