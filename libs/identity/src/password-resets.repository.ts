import { createHash, randomBytes } from 'node:crypto';

import type { TenantTx } from '@libs/persistence';

/**
 * Who asks again sooner than this gets no second letter: a stranger who goes on asking would else replace the link while its
 * person is choosing a password.
 */
const LETTER_EVERY = '5 minutes';
const TOKEN_BYTES = 24;

export type ResetTokenCheck =
  | { readonly kind: 'valid'; readonly userId: string }
  | { readonly kind: 'expired' }
  | { readonly kind: 'unknown' };

const digestOf = (token: string): Uint8Array => createHash('sha256').update(token).digest();

/** Links to choose a new password: one per person, used once, kept as hashes. */
export class PasswordResetsRepository {
  /** A new token that replaces the old one, or null when the last letter went out a moment ago. */
  async begin(tx: TenantTx, userId: string, minutes: number): Promise<string | null> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const written = await tx.execute(
      `INSERT INTO identity.password_resets AS kept (tenant_id, user_id, token_hash, expires_at)
       VALUES ($1, $2, $3, now() + make_interval(mins => $4::int))
       ON CONFLICT (tenant_id, user_id) DO UPDATE
         SET token_hash = excluded.token_hash, expires_at = excluded.expires_at, created_at = now()
         WHERE kept.created_at < now() - interval '${LETTER_EVERY}'`,
      [tx.tenantId, userId, digestOf(token), minutes],
    );
    return written === 1 ? token : null;
  }

  /** Whose token this is. It is used up with a change of the password, so who changes it locks the person before. */
  async check(tx: TenantTx, token: string): Promise<ResetTokenCheck> {
    const row = await tx.queryOne<{ readonly user_id: string; readonly is_valid: boolean }>(
      `SELECT user_id, expires_at > now() AS is_valid FROM identity.password_resets
        WHERE tenant_id = $1 AND token_hash = $2`,
      [tx.tenantId, digestOf(token)],
    );
    if (row === null) return { kind: 'unknown' };
    return row.is_valid ? { kind: 'valid', userId: row.user_id } : { kind: 'expired' };
  }
}
