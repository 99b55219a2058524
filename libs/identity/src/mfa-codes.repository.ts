import type { TenantTx } from '@libs/persistence';

const TRIES_MAX = 5;
const REMEMBER_FOR = '7 days';

export interface WaitingCode {
  readonly userId: string;
  readonly codeHmac: Uint8Array;
}

/** Codes of the second factor, one per person and device, and which devices are remembered. */
export class MfaCodesRepository {
  async isRemembered(tx: TenantTx, userId: string, deviceHash: Uint8Array): Promise<boolean> {
    const row = await tx.queryOne(
      `SELECT 1 FROM identity.mfa_codes
        WHERE tenant_id = $1 AND user_id = $2 AND device_hash = $3 AND remembered_until > now()`,
      [tx.tenantId, userId, deviceHash],
    );
    return row !== null;
  }

  async put(
    tx: TenantTx,
    code: { readonly userId: string; readonly deviceHash: Uint8Array; readonly codeHmac: Uint8Array },
    seconds: number,
  ): Promise<void> {
    await tx.execute(
      `INSERT INTO identity.mfa_codes (tenant_id, user_id, device_hash, code_hmac, expires_at)
       VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5::int))
       ON CONFLICT (tenant_id, device_hash, user_id) DO UPDATE
         SET code_hmac = excluded.code_hmac, expires_at = excluded.expires_at, tries = 0, created_at = now()`,
      [tx.tenantId, code.userId, code.deviceHash, code.codeHmac, seconds],
    );
    await tx.execute(
      `DELETE FROM identity.mfa_codes WHERE tenant_id = $1 AND (device_hash, user_id) IN (
         SELECT device_hash, user_id FROM identity.mfa_codes
          WHERE tenant_id = $1 AND expires_at < now() - interval '1 day' AND coalesce(remembered_until, now()) <= now()
          LIMIT 100 FOR UPDATE SKIP LOCKED)`,
      [tx.tenantId],
    );
  }

  /** The codes that may still be redeemed on a device, locked, so that guesses at the same time are counted one by one. */
  async lockWaiting(tx: TenantTx, deviceHash: Uint8Array): Promise<WaitingCode[]> {
    const rows = await tx.query<{ readonly user_id: string; readonly code_hmac: Uint8Array }>(
      `SELECT user_id, code_hmac FROM identity.mfa_codes
        WHERE tenant_id = $1 AND device_hash = $2 AND code_hmac IS NOT NULL AND expires_at > now() AND tries < $3
        ORDER BY user_id FOR UPDATE`,
      [tx.tenantId, deviceHash, TRIES_MAX],
    );
    return rows.map((row) => ({ userId: row.user_id, codeHmac: row.code_hmac }));
  }

  async countTry(tx: TenantTx, deviceHash: Uint8Array): Promise<void> {
    await tx.execute(
      `UPDATE identity.mfa_codes SET tries = tries + 1
        WHERE tenant_id = $1 AND device_hash = $2 AND code_hmac IS NOT NULL AND tries < $3`,
      [tx.tenantId, deviceHash, TRIES_MAX],
    );
  }

  /** A code works once. */
  async useUp(tx: TenantTx, userId: string, deviceHash: Uint8Array, remember: boolean): Promise<void> {
    await tx.execute(
      `UPDATE identity.mfa_codes
          SET code_hmac = NULL,
              remembered_until = CASE WHEN $4 THEN now() + interval '${REMEMBER_FOR}' ELSE remembered_until END
        WHERE tenant_id = $1 AND user_id = $2 AND device_hash = $3`,
      [tx.tenantId, userId, deviceHash, remember],
    );
  }
}
