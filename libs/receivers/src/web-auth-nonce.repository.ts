import type { TenantTx } from '@libs/persistence';

/** Random values of SEP-10 challenges that may still come back. Each is good for one token. */
export class WebAuthNonceRepository {
  async remember(tx: TenantTx, nonce: string, expiresAt: Date): Promise<void> {
    await tx.execute(
      'INSERT INTO receivers.web_auth_nonces (tenant_id, nonce, expires_at) VALUES ($1, $2, $3)',
      [tx.tenantId, nonce, expiresAt],
    );
  }

  /** True for exactly one caller, and only before the nonce expires. */
  async use(tx: TenantTx, nonce: string): Promise<boolean> {
    const used = await tx.execute(
      'DELETE FROM receivers.web_auth_nonces WHERE tenant_id = $1 AND nonce = $2 AND expires_at > now()',
      [tx.tenantId, nonce],
    );
    return used === 1;
  }

  /** Forgets at most `limit` nonces that never came back. */
  async forgetExpired(tx: TenantTx, limit: number): Promise<number> {
    return await tx.execute(
      `DELETE FROM receivers.web_auth_nonces WHERE tenant_id = $1 AND nonce = ANY (ARRAY(
         SELECT nonce FROM receivers.web_auth_nonces WHERE tenant_id = $1 AND expires_at <= now() ORDER BY expires_at LIMIT $2))`,
      [tx.tenantId, limit],
    );
  }
}
