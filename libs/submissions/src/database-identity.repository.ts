import type { SystemTx } from '@libs/persistence';

/** What tells a database from its copy, and a history from one that was restored: both change with a restore. */
const CURRENT = `
  SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
         ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint AS timeline`;

export interface KnownSequence {
  readonly address: string;
  readonly sequence: bigint | null;
}

/** Remembers for which database, on which timeline, our tables were found to agree with the ledger. */
export class DatabaseIdentityRepository {
  /** Whether this is the database and timeline of the last agreement. The very first one is agreed on at once. */
  async isAgreed(tx: SystemTx): Promise<boolean> {
    const row = await tx.queryOne<{ same: boolean }>(
      `SELECT d.system_identifier = c.system_identifier AND d.timeline = c.timeline AS same
         FROM submissions.database_identity d, (${CURRENT}) AS c`,
    );
    if (row !== null) return row.same;
    await tx.execute(
      `INSERT INTO submissions.database_identity (system_identifier, timeline) ${CURRENT} ON CONFLICT DO NOTHING`,
    );
    return true;
  }

  async agree(tx: SystemTx): Promise<void> {
    await tx.execute(
      `UPDATE submissions.database_identity d
          SET system_identifier = c.system_identifier, timeline = c.timeline, agreed_at = now()
         FROM (${CURRENT}) AS c`,
    );
  }

  /** The highest sequence number that we know to be used, of every channel account that can still be used. */
  async knownSequences(tx: SystemTx): Promise<readonly KnownSequence[]> {
    return await tx.query<KnownSequence & Record<string, unknown>>(
      `SELECT address, sequence FROM submissions.channel_accounts WHERE on_ledger AND status <> 'RETIRED'`,
    );
  }
}
