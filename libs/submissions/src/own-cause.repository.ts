import type { Asset } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

/** What payments have to do with a cause that is ours to mend. */
export class OwnCauseRepository {
  /** A cause of ours keeps all payments of the tenant waiting: the patience with each begins anew when it is gone. */
  async forgetRefusals(tx: TenantTx): Promise<void> {
    await tx.execute(
      `UPDATE submissions.submissions SET refused_since = NULL, updated_at = now()
        WHERE tenant_id = $1 AND refused_since IS NOT NULL AND status IN ('QUEUED', 'SIGNED', 'UNKNOWN')`,
      [tx.tenantId],
    );
  }

  /** What waits after a failure with this code: of each asset the least amount, in stroops. */
  async waitingAfter(
    tx: TenantTx,
    code: string,
  ): Promise<readonly { readonly asset: Asset; readonly least: bigint }[]> {
    const rows = await tx.query<{ code: string; issuer: string; least: bigint }>(
      `SELECT asset_code AS code, asset_issuer AS issuer, min(amount) AS least FROM submissions.submissions
        WHERE tenant_id = $1 AND status = 'QUEUED' AND reason_code = $2 GROUP BY asset_code, asset_issuer`,
      [tx.tenantId, code],
    );
    return rows.map(({ code: assetCode, issuer, least }) => ({ asset: { code: assetCode, issuer }, least }));
  }
}
