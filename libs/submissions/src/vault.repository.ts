import type { AccountKey } from '@libs/ledger';
import type { SystemTx, TenantTx } from '@libs/persistence';

export type KeyPurpose = 'channel' | 'distribution';

export interface SealedKey {
  /** The public key: what `sealed` is the secret half of. */
  readonly key: string;
  /** The ledger account that it signs for; the same as `key` until the account's key is rotated. */
  readonly account: string;
  /** The tenant that the key belongs to, or `-` for nobody's. */
  readonly tenant: string;
  readonly purpose: KeyPurpose;
  readonly sealed: Uint8Array;
}

/** Where the id of the sealing key stands in a sealed value: after one byte of version. */
const SEALED_UNDER = `substring(sealed FROM 2 FOR 4)`;

/**
 * Sealed seeds. NEXT: made, not yet in force. CURRENT: signs for its account. OLD: it did once, and is kept.
 * Only transaction-submission may read the table.
 */
export class VaultRepository {
  /** Leaves out what there can only be one of: a tenant's current key, and the next one of an account. */
  async insert(tx: SystemTx, keys: readonly SealedKey[], state: 'NEXT' | 'CURRENT'): Promise<void> {
    await tx.execute(
      `INSERT INTO submissions.vault (key, account, tenant, purpose, sealed, state)
       SELECT k.*, $6 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[]) AS k
       ON CONFLICT DO NOTHING`,
      [
        keys.map((one) => one.key),
        keys.map((one) => one.account),
        keys.map((one) => one.tenant),
        keys.map((one) => one.purpose),
        keys.map((one) => Buffer.from(one.sealed)),
        state,
      ],
    );
  }

  async find(tx: SystemTx, keys: readonly string[]): Promise<readonly SealedKey[]> {
    return await tx.query<SealedKey & Record<string, unknown>>(
      'SELECT key, account, tenant, purpose, sealed FROM submissions.vault WHERE key = ANY($1)',
      [keys],
    );
  }

  /** The account whose key a tenant has here, and that key; null when it has none. */
  async payingKeyOf(tx: SystemTx, tenantId: string): Promise<AccountKey | null> {
    return await tx.queryOne<AccountKey & Record<string, unknown>>(
      `SELECT account, key FROM submissions.vault WHERE tenant = $1 AND purpose = 'distribution' AND state = 'CURRENT'`,
      [tenantId],
    );
  }

  /** The keys that sign for these accounts now. */
  async currentKeysOf(tx: SystemTx | TenantTx, accounts: readonly string[]): Promise<readonly AccountKey[]> {
    return await tx.query<AccountKey & Record<string, unknown>>(
      `SELECT account, key FROM submissions.vault WHERE account = ANY($1) AND state = 'CURRENT'`,
      [accounts],
    );
  }

  /** The key that is to sign for an account after the rotation that is under way; null when none was made. */
  async nextKeyOf(tx: SystemTx, account: string): Promise<string | null> {
    const row = await tx.queryOne<{ key: string }>(
      `SELECT key FROM submissions.vault WHERE account = $1 AND state = 'NEXT'`,
      [account],
    );
    return row?.key ?? null;
  }

  /** `key`, made as the next one, becomes the current one of its account, and the current one an old one. False when it is not the next one. */
  async promote(tx: SystemTx | TenantTx, { account, key }: AccountKey): Promise<boolean> {
    await tx.execute(
      `UPDATE submissions.vault SET state = 'OLD' WHERE account = $1 AND state = 'CURRENT'
          AND EXISTS (SELECT FROM submissions.vault n WHERE n.account = $1 AND n.key = $2 AND n.state = 'NEXT')`,
      [account, key],
    );
    const promoted = await tx.execute(
      `UPDATE submissions.vault SET state = 'CURRENT' WHERE account = $1 AND key = $2 AND state = 'NEXT'`,
      [account, key],
    );
    return promoted === 1;
  }

  /** How many keys are sealed under each sealing key, by the id that `sealingKeyIdOf` gives. */
  async countBySealingKey(tx: SystemTx): Promise<ReadonlyMap<string, number>> {
    const rows = await tx.query<{ id: string; count: bigint }>(
      `SELECT encode(${SEALED_UNDER}, 'hex') AS id, count(*) AS count FROM submissions.vault GROUP BY 1 ORDER BY 1`,
    );
    return new Map(rows.map(({ id, count }) => [id, Number(count)]));
  }

  /** The next keys after `after` that are sealed under another key than this one, locked until the end of the database transaction. */
  async lockSealedOtherwise(
    tx: SystemTx,
    { sealingKeyId, after, limit }: Record<'sealingKeyId' | 'after', string> & { readonly limit: number },
  ): Promise<readonly SealedKey[]> {
    return await tx.query<SealedKey & Record<string, unknown>>(
      `SELECT key, account, tenant, purpose, sealed FROM submissions.vault
        WHERE key > $2 AND ${SEALED_UNDER} <> decode($1, 'hex') ORDER BY key LIMIT $3 FOR UPDATE`,
      [sealingKeyId, after, limit],
    );
  }

  /** Writes the same secrets, sealed anew. */
  async reseal(tx: SystemTx, keys: readonly Pick<SealedKey, 'key' | 'sealed'>[]): Promise<void> {
    await tx.execute(
      `UPDATE submissions.vault v SET sealed = k.sealed
         FROM unnest($1::text[], $2::bytea[]) AS k (key, sealed) WHERE v.key = k.key`,
      [keys.map((one) => one.key), keys.map((one) => Buffer.from(one.sealed))],
    );
  }
}
