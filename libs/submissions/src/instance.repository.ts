import type { SystemTx, TenantTx } from '@libs/persistence';

import { INSTANCE_LOCK } from './instance-session.repository';

/** A running instance of transaction-submission, as it introduces itself. */
export interface Instance {
  readonly id: string;
  /** The application_name of its database sessions. */
  readonly sessionsName: string;
  /** How long it may be silent before it counts as dead. */
  readonly expirySeconds: number;
}

export interface LostInstances {
  /** Their channel accounts may be taken: they were silent for too long, or their process is gone. */
  readonly ids: readonly string[];
  /** The names of their database sessions, which are to be ended. */
  readonly sessionsNames: readonly string[];
  /** How many live, this one among them. */
  readonly living: number;
}

const FORGET_AFTER_HOURS = 24;
/** The lock of the instance in the row at hand. */
const LOCK_OF_ROW = INSTANCE_LOCK.replace('$1', 'id');
/** Nobody could be heard while the database was down: silence counts from its start at the earliest. */
const SILENT = `greatest(heartbeat_at, pg_postmaster_start_time()) < now() - make_interval(secs => expiry_seconds)`;

/** The only writer of `submissions.instances`. An instance that was ended stays ended: its process must start anew. */
export class InstanceRepository {
  /** Once, at the start. */
  async register(tx: SystemTx, { id, sessionsName, expirySeconds }: Instance): Promise<void> {
    await tx.execute(
      `INSERT INTO submissions.instances (id, sessions_name, expiry_seconds) VALUES ($1, $2, $3)
       ON CONFLICT (id) DO NOTHING`,
      [id, sessionsName, expirySeconds],
    );
  }

  /** False when this instance was declared dead meanwhile: then it may do nothing more. */
  async beat(tx: SystemTx, id: string): Promise<boolean> {
    const beaten = await tx.execute(
      'UPDATE submissions.instances SET heartbeat_at = now(), lost_at = NULL WHERE id = $1 AND ended_at IS NULL',
      [id],
    );
    return beaten === 1;
  }

  /** False when this instance was declared dead meanwhile; until the end of the database transaction nobody does so. */
  async isLiving(tx: SystemTx | TenantTx, id: string): Promise<boolean> {
    const row = await tx.queryOne(
      'SELECT FROM submissions.instances WHERE id = $1 AND ended_at IS NULL FOR SHARE',
      [id],
    );
    return row !== null;
  }

  /**
   * Ends those that have been silent for longer than they said, by the database's own clock. One whose process is gone
   * (nobody holds its lock) is lost too, but may come back: its connection may have broken.
   */
  async findLost(tx: SystemTx, me: string): Promise<LostInstances> {
    const silent = await tx.query<{ id: string; sessions_name: string }>(
      `UPDATE submissions.instances SET ended_at = now()
        WHERE id <> $1 AND ended_at IS NULL AND ${SILENT} RETURNING id, sessions_name`,
      [me],
    );
    const gone = await tx.query<{ id: string; sessions_name: string }>(
      `UPDATE submissions.instances SET lost_at = coalesce(lost_at, now())
        WHERE id <> $1 AND (ended_at IS NOT NULL OR pg_try_advisory_xact_lock(${LOCK_OF_ROW}))
        RETURNING id, sessions_name`,
      [me],
    );
    const row = await tx.queryOne<{ count: bigint }>(
      'SELECT count(*) AS count FROM submissions.instances WHERE id <> $1 AND id <> ALL($2::uuid[])',
      [me, gone.map(({ id }) => id)],
    );
    const silentIds = new Set(silent.map(({ id }) => id));
    await tx.execute(
      `DELETE FROM submissions.instances i WHERE heartbeat_at < now() - interval '${String(FORGET_AFTER_HOURS)} hours'
          AND NOT EXISTS (SELECT FROM submissions.channel_accounts c WHERE c.owner = i.id)`,
    );
    return {
      ids: gone.map(({ id }) => id),
      sessionsNames: gone.filter(({ id }) => silentIds.has(id)).map((one) => one.sessions_name),
      living: Number(row?.count ?? 0n) + 1,
    };
  }

  /** Ends the database sessions of an instance that was taken over: it may only be slow, and must not come back. */
  async endSessions(tx: SystemTx, sessionsName: string): Promise<number> {
    // Only a role's own sessions may be ended, so the second role is laid down for the rest of this database transaction.
    await tx.execute(`SELECT set_config('role', 'none', true)`);
    const rows = await tx.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = $1 AND pid <> pg_backend_pid() AND usename = session_user`,
      [sessionsName],
    );
    return rows.length;
  }

  /** An instance that ends in order. */
  async remove(tx: SystemTx, id: string): Promise<void> {
    await tx.execute('DELETE FROM submissions.instances WHERE id = $1', [id]);
  }
}
