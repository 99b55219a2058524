import { createHash, randomBytes } from 'node:crypto';

import { isId } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

const TENANT_BYTES = 16;
const SECRET_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{64}$/;

export type RefreshTokenCheck =
  | { readonly kind: 'valid'; readonly sessionId: string; readonly userId: string }
  /** It was used before, so somebody has a copy: its session has been ended, by this if it is named. */
  | { readonly kind: 'reused'; readonly userId: string; readonly endedSessionId: string | null }
  | { readonly kind: 'unknown' };

interface TokenRow {
  readonly session_id: string;
  readonly user_id: string;
  readonly is_used: boolean;
  readonly is_alive: boolean;
}

const digestOf = (token: string): Uint8Array => createHash('sha256').update(token).digest();

/** Which tenant a token speaks of, so that a request with it need not name one; null for what is no token. */
export function tenantOfRefreshToken(token: string): string | null {
  if (!TOKEN.test(token)) return null;
  const hex = Buffer.from(token, 'base64url').subarray(0, TENANT_BYTES).toString('hex');
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return isId(id) ? id : null;
}

/** Tokens that renew a session: each works once and brings the next. Only their hashes are kept. */
export class RefreshTokensRepository {
  async issue(tx: TenantTx, sessionId: string): Promise<string> {
    const tenantBytes = Buffer.from(tx.tenantId.replaceAll('-', ''), 'hex');
    const token = Buffer.concat([tenantBytes, randomBytes(SECRET_BYTES)]).toString('base64url');
    await tx.execute(
      `INSERT INTO identity.refresh_tokens (tenant_id, token_hash, session_id) VALUES ($1, $2, $3)`,
      [tx.tenantId, digestOf(token), sessionId],
    );
    return token;
  }

  /**
   * Uses a token up. One that was used before ends its session, so commit the database transaction also then. Of two
   * requests at the same time one is the first.
   */
  async redeem(tx: TenantTx, token: string): Promise<RefreshTokenCheck> {
    const row = await tx.queryOne<TokenRow>(
      `SELECT r.session_id, s.user_id, r.used_at IS NOT NULL AS is_used,
              s.ended_at IS NULL AND s.expires_at > now() AS is_alive
         FROM identity.refresh_tokens r
         JOIN identity.sessions s ON s.tenant_id = r.tenant_id AND s.id = r.session_id
        WHERE r.tenant_id = $1 AND r.token_hash = $2 FOR UPDATE`,
      [tx.tenantId, digestOf(token)],
    );
    if (row === null || (!row.is_alive && !row.is_used)) return { kind: 'unknown' };
    if (row.is_used) {
      const ended = await tx.execute(
        `UPDATE identity.sessions SET ended_at = now() WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL`,
        [tx.tenantId, row.session_id],
      );
      return { kind: 'reused', userId: row.user_id, endedSessionId: ended === 1 ? row.session_id : null };
    }
    await tx.execute(
      `UPDATE identity.refresh_tokens SET used_at = now() WHERE tenant_id = $1 AND token_hash = $2`,
      [tx.tenantId, digestOf(token)],
    );
    return { kind: 'valid', sessionId: row.session_id, userId: row.user_id };
  }
}
