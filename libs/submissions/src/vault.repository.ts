import type { SystemTx } from '@libs/persistence';

export type KeyPurpose = 'channel' | 'distribution';

export interface SealedKey {
  readonly account: string;
  /** The tenant that the key belongs to, or `-` for nobody's. */
  readonly tenant: string;
  readonly purpose: KeyPurpose;
  readonly sealed: Uint8Array;
}

/** Sealed seeds. Only transaction-submission may read the table. */
export class VaultRepository {
  async insert(tx: SystemTx, keys: readonly SealedKey[]): Promise<void> {
    await tx.execute(
      `INSERT INTO submissions.vault (account, tenant, purpose, sealed)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[])`,
      [
        keys.map((key) => key.account),
        keys.map((key) => key.tenant),
        keys.map((key) => key.purpose),
        keys.map((key) => Buffer.from(key.sealed)),
      ],
    );
  }

  async find(tx: SystemTx, accounts: readonly string[]): Promise<readonly SealedKey[]> {
    return await tx.query<SealedKey & Record<string, unknown>>(
      'SELECT account, tenant, purpose, sealed FROM submissions.vault WHERE account = ANY($1)',
      [accounts],
    );
  }

  /** The account whose key a tenant has here; null when it has none. */
  async accountOf(tx: SystemTx, tenantId: string): Promise<string | null> {
    const row = await tx.queryOne<{ account: string }>(
      `SELECT account FROM submissions.vault WHERE tenant = $1 AND purpose = 'distribution' ORDER BY created_at LIMIT 1`,
      [tenantId],
    );
    return row?.account ?? null;
  }
}
