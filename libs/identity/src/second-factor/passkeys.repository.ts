import { newId } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

const CHALLENGE_SECONDS = 300;
const PASSKEYS_MAX = 20;

export interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** What is needed to check an answer of the authenticator. */
export interface PasskeyCredential {
  readonly credentialId: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly counter: number;
  readonly transports: readonly string[];
}

interface PasskeyRow {
  readonly id: string;
  readonly name: string;
  readonly credential_id: string;
  readonly public_key: Uint8Array;
  readonly counter: bigint;
  readonly transports: readonly string[];
  readonly created_at: Date;
  readonly last_used_at: Date | null;
}

/** Security keys and passkeys: public keys only, so nothing here could sign anybody in. */
export class PasskeysRepository {
  async list(tx: TenantTx, userId: string): Promise<(Passkey & PasskeyCredential)[]> {
    const rows = await tx.query<PasskeyRow>(
      `SELECT id, name, credential_id, public_key, counter, transports, created_at, last_used_at
         FROM identity.passkeys WHERE tenant_id = $1 AND user_id = $2 ORDER BY id LIMIT ${String(PASSKEYS_MAX)}`,
      [tx.tenantId, userId],
    );
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      credentialId: row.credential_id,
      publicKey: Uint8Array.from(row.public_key),
      counter: Number(row.counter),
      transports: row.transports,
      createdAt: row.created_at,
      lastUsedAt: row.last_used_at,
    }));
  }

  /** Its id; null when the person has as many as they may have, or the credential is known already. */
  async add(
    tx: TenantTx,
    passkey: PasskeyCredential & { readonly userId: string; readonly name: string },
  ): Promise<string | null> {
    const row = await tx.queryOne<{ readonly id: string }>(
      `INSERT INTO identity.passkeys (tenant_id, id, user_id, credential_id, name, public_key, counter, transports)
       SELECT $1, $2, $3, $4, $5, $6, $7, $8
        WHERE (SELECT count(*) FROM identity.passkeys WHERE tenant_id = $1 AND user_id = $3) < ${String(PASSKEYS_MAX)}
       ON CONFLICT DO NOTHING RETURNING id`,
      [
        tx.tenantId,
        newId(),
        passkey.userId,
        passkey.credentialId,
        passkey.name,
        passkey.publicKey,
        passkey.counter,
        passkey.transports,
      ],
    );
    return row?.id ?? null;
  }

  async noteUse(tx: TenantTx, userId: string, credentialId: string, counter: number): Promise<void> {
    await tx.execute(
      `UPDATE identity.passkeys SET counter = $4, last_used_at = now()
        WHERE tenant_id = $1 AND user_id = $2 AND credential_id = $3`,
      [tx.tenantId, userId, credentialId, counter],
    );
  }

  /** False when the person has no such passkey. */
  async remove(tx: TenantTx, userId: string, id: string): Promise<boolean> {
    const removed = await tx.execute(
      `DELETE FROM identity.passkeys WHERE tenant_id = $1 AND user_id = $2 AND id = $3`,
      [tx.tenantId, userId, id],
    );
    return removed === 1;
  }

  /** The person is asked to make a passkey, in place of an earlier question. */
  async ask(tx: TenantTx, userId: string, challenge: string): Promise<void> {
    await tx.execute(
      `INSERT INTO identity.passkey_challenges (tenant_id, user_id, challenge, expires_at)
       VALUES ($1, $2, $3, now() + make_interval(secs => $4::int))
       ON CONFLICT (tenant_id, user_id) DO UPDATE
         SET challenge = excluded.challenge, expires_at = excluded.expires_at`,
      [tx.tenantId, userId, challenge, CHALLENGE_SECONDS],
    );
  }

  /** The challenge that waits for a new passkey; it can be answered once. */
  async takeChallenge(tx: TenantTx, userId: string): Promise<string | null> {
    const row = await tx.queryOne<{ readonly challenge: string; readonly is_valid: boolean }>(
      `DELETE FROM identity.passkey_challenges WHERE tenant_id = $1 AND user_id = $2
       RETURNING challenge, expires_at > now() AS is_valid`,
      [tx.tenantId, userId],
    );
    return row?.is_valid === true ? row.challenge : null;
  }
}
