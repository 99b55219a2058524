import { invariant } from '@libs/kernel';
import type { SystemTx, TenantTx } from '@libs/persistence';

import { lockEverything } from './locks';

/**
 * What tells a database from its copy, and a history from one that was restored. Server and timeline change with a restored
 * backup or a promotion, the database with a copy of it, and who wrote the row with a dump that was put back.
 */
const CURRENT = `
  SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
         ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint AS timeline,
         (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) AS database_oid,
         pg_current_xact_id()::xid::text AS written_by`;

export interface KnownSequence {
  readonly address: string;
  /** The highest that we know to be used; null where it was never read. */
  readonly sequence: bigint | null;
}

export interface History {
  /** Whether this is the database and the history of the last agreement, and nothing speaks against it. */
  readonly isAgreed: boolean;
  /** What speaks against it although it is the same. */
  readonly doubt: string | null;
  /** How much was ever written down for good. It never gets less on one server. */
  readonly written: bigint;
}

const LOOK = `
  SELECT submissions.is_agreed_history() AS "isAgreed", doubt,
         pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint AS written
    FROM submissions.database_identity`;

/** Remembers for which database, on which timeline, our tables were found to agree with the ledger. */
export class DatabaseIdentityRepository {
  /** The very first database is agreed on at once, as of the ledger `latest`. */
  async look(tx: SystemTx, latest: number): Promise<History> {
    const known = await tx.queryOne<History & Record<string, unknown>>(LOOK);
    if (known !== null) return known;
    await tx.execute(
      `INSERT INTO submissions.database_identity (system_identifier, timeline, database_oid, written_by, agreed_ledger)
       SELECT c.*, $1 FROM (${CURRENT}) AS c ON CONFLICT DO NOTHING`,
      [latest],
    );
    const first = await tx.queryOne<History & Record<string, unknown>>(LOOK);
    invariant(first !== null, 'what was just written is there');
    return first;
  }

  /** From now on nothing is signed by any instance until the database agrees with the ledger again. */
  async doubt(tx: SystemTx, why: string): Promise<void> {
    await lockEverything(tx);
    await tx.execute('UPDATE submissions.database_identity SET doubt = coalesce(doubt, left($1, 1000))', [
      why,
    ]);
  }

  async agree(tx: SystemTx, ledger: number): Promise<void> {
    await tx.execute(
      `UPDATE submissions.database_identity d
          SET system_identifier = c.system_identifier, timeline = c.timeline, database_oid = c.database_oid,
              written_by = c.written_by, agreed_at = now(), agreed_ledger = $1, doubt = NULL
         FROM (${CURRENT}) AS c`,
      [ledger],
    );
  }

  /** The highest sequence number that we know to be used, or that we may have used, of every channel account that can still be used. */
  async knownSequences(tx: SystemTx): Promise<readonly KnownSequence[]> {
    return await tx.query<KnownSequence & Record<string, unknown>>(
      `SELECT c.address, greatest(c.sequence, c.setup_sequence, a.sequence) AS sequence
         FROM submissions.channel_accounts c
         LEFT JOIN submissions.attempts a ON a.tenant_id = c.live_tenant AND a.id = c.live_attempt
        WHERE c.on_ledger AND c.status <> 'RETIRED'`,
    );
  }

  /** Attempts that are stored and, as far as this database knows, unsent. */
  async stored(tx: SystemTx): Promise<readonly { readonly tenantId: string; readonly id: string }[]> {
    return await tx.query<{ tenantId: string; id: string }>(
      `SELECT a.tenant_id AS "tenantId", a.id FROM submissions.channel_accounts c
         JOIN submissions.attempts a ON a.tenant_id = c.live_tenant AND a.id = c.live_attempt
        WHERE a.status = 'STORED'`,
    );
  }
}

/** To be asked in the very database transaction whose writing depends on it. */
export async function isAgreedHistory(tx: TenantTx | SystemTx): Promise<boolean> {
  const row = await tx.queryOne<{ agreed: boolean }>('SELECT submissions.is_agreed_history() AS agreed');
  return row?.agreed === true;
}
