import { channelAccountMachine } from '@libs/domain';
import type { SystemTx, TenantTx } from '@libs/persistence';
import { INSTANCE_LOCK } from './instance-session.repository';

/** A channel account that this instance owns. */
export interface OwnedChannel {
  readonly address: string;
  readonly epoch: bigint;
  /** The highest sequence number known to be used; null until it was read from the ledger. */
  readonly sequence: bigint | null;
  readonly liveTenant: string | null;
  readonly liveAttempt: string | null;
}

export interface ChannelUse {
  readonly address: string;
  readonly epoch: bigint;
  readonly attemptId: string;
}

type Tx = SystemTx | TenantTx;

/** Any number: instances that create rows at once wait for each other. */
const CREATION_LOCK = 7_310_552_202;
/** How old the heartbeat of an owner must be before its channel accounts are taken over. */
export const TAKE_OVER_AFTER_SECONDS = 15;
/** The lock of the instance in the row at hand. */
const LOCK_OF_ROW = INSTANCE_LOCK.replace('$1', 'id');
const FORGET_AFTER_HOURS = 24;

/** The only writer of channel accounts and instances, besides the holds port, which frees what it discards. */
export class ChannelAccountRepository {
  async heartbeat(tx: SystemTx, instanceId: string, sessionsName: string): Promise<void> {
    await tx.execute(
      `INSERT INTO submissions.instances (id, sessions_name) VALUES ($1, $2)
       ON CONFLICT (id) DO UPDATE SET heartbeat_at = now()`,
      [instanceId, sessionsName],
    );
  }

  /** How many channel accounts there are or will be. Whoever creates some holds the lock until its commit. */
  async lockAndCount(tx: SystemTx): Promise<number> {
    await tx.execute('SELECT pg_advisory_xact_lock($1)', [CREATION_LOCK]);
    const row = await tx.queryOne<{ count: bigint }>(
      `SELECT count(*) AS count FROM submissions.channel_accounts WHERE status IN ('FREE', 'LEASED')`,
    );
    return Number(row?.count ?? 0n);
  }

  async insert(tx: SystemTx, addresses: readonly string[], actor: string): Promise<void> {
    await tx.execute(
      `INSERT INTO submissions.channel_accounts (address, status_history)
       SELECT a, history_entry('FREE', $2, '') FROM unnest($1::text[]) AS a`,
      [addresses, actor],
    );
  }

  /** Those that the ledger does not have yet, at most `limit`. */
  async missingOnLedger(tx: SystemTx, limit: number): Promise<readonly string[]> {
    const rows = await tx.query<{ address: string }>(
      `SELECT address FROM submissions.channel_accounts
        WHERE NOT on_ledger AND status IN ('FREE', 'LEASED') ORDER BY created_at, address LIMIT $1`,
      [limit],
    );
    return rows.map(({ address }) => address);
  }

  async markOnLedger(tx: SystemTx, found: ReadonlyMap<string, bigint>): Promise<void> {
    await tx.execute(
      `UPDATE submissions.channel_accounts c
          SET on_ledger = true, sequence = greatest(c.sequence, f.sequence), updated_at = now()
         FROM unnest($1::text[], $2::bigint[]) AS f (address, sequence) WHERE c.address = f.address`,
      [[...found.keys()], [...found.values()]],
    );
  }

  /**
   * Leases what is free, and what belonged to instances that have been silent for 15 s by the database's own clock, or whose
   * session has ended.
   * The epoch goes up, so what an old owner still writes matches nothing. Returns the names of the sessions to end.
   */
  async takeOver(tx: SystemTx, instanceId: string, actor: string): Promise<readonly string[]> {
    const to = channelAccountMachine.targetOf('lease');
    const rows = await tx.query<{ sessions_name: string | null }>(
      `WITH silent AS (
         SELECT id, sessions_name FROM submissions.instances
          WHERE id <> $1 AND (heartbeat_at < now() - make_interval(secs => $2)
            OR pg_try_advisory_xact_lock(${LOCK_OF_ROW}))),
       taken AS (
         UPDATE submissions.channel_accounts c
            SET status = $3, owner = $1, epoch = c.epoch + 1,
                status_history = c.status_history || history_entry($3, $4, 'taken'), updated_at = now()
          WHERE c.address IN (
            SELECT address FROM submissions.channel_accounts
             WHERE on_ledger AND (status = ANY($5)
                OR (status = $3 AND owner <> $1
                    AND (owner IN (SELECT id FROM silent) OR owner NOT IN (SELECT id FROM submissions.instances))))
             FOR UPDATE SKIP LOCKED)
          RETURNING c.address)
       SELECT DISTINCT sessions_name FROM silent WHERE EXISTS (SELECT FROM taken)`,
      [instanceId, TAKE_OVER_AFTER_SECONDS, to, actor, channelAccountMachine.sourcesOf('lease')],
    );
    await tx.execute(
      `DELETE FROM submissions.instances i WHERE heartbeat_at < now() - interval '${String(FORGET_AFTER_HOURS)} hours'
          AND NOT EXISTS (SELECT FROM submissions.channel_accounts c WHERE c.owner = i.id)`,
    );
    return rows.flatMap((row) => (row.sessions_name === null ? [] : [row.sessions_name]));
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

  async owned(tx: SystemTx, instanceId: string): Promise<readonly OwnedChannel[]> {
    return await tx.query<OwnedChannel & Record<string, unknown>>(
      `SELECT address, epoch, sequence, live_tenant AS "liveTenant", live_attempt AS "liveAttempt"
         FROM submissions.channel_accounts WHERE owner = $1 AND status = 'LEASED' ORDER BY address`,
      [instanceId],
    );
  }

  /** Gives everything back that has no live attempt; the rest is taken over by whoever comes. */
  async releaseAll(tx: SystemTx, instanceId: string, actor: string): Promise<void> {
    const to = channelAccountMachine.targetOf('release');
    await tx.execute(
      `UPDATE submissions.channel_accounts
          SET status = $2, owner = NULL, status_history = status_history || history_entry($2, $3, 'released'),
              updated_at = now()
        WHERE owner = $1 AND status = ANY($4)`,
      [instanceId, to, actor, channelAccountMachine.sourcesOf('release')],
    );
    await tx.execute('DELETE FROM submissions.instances WHERE id = $1', [instanceId]);
  }

  /** Puts attempts on channel accounts, each only where it is ours and idle. Returns the attempts that got theirs. */
  async occupy(tx: TenantTx, instanceId: string, uses: readonly ChannelUse[]): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ live_attempt: string }>(
      `UPDATE submissions.channel_accounts c
          SET live_attempt = u.attempt_id, live_tenant = $2, updated_at = now()
         FROM unnest($3::text[], $4::bigint[], $5::uuid[]) AS u (address, epoch, attempt_id)
        WHERE c.address = u.address AND c.epoch = u.epoch AND c.owner = $1 AND c.status = 'LEASED'
          AND c.live_attempt IS NULL
        RETURNING c.live_attempt`,
      [
        instanceId,
        tx.tenantId,
        uses.map((one) => one.address),
        uses.map((one) => one.epoch),
        uses.map((one) => one.attemptId),
      ],
    );
    return new Set(rows.map((row) => row.live_attempt));
  }

  /** The attempts among these whose channel account is still ours, locked until the end of the database transaction. */
  async lockOwned(tx: Tx, instanceId: string, uses: readonly ChannelUse[]): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ attempt_id: string }>(
      `SELECT u.attempt_id FROM submissions.channel_accounts c
         JOIN unnest($2::text[], $3::bigint[], $4::uuid[]) AS u (address, epoch, attempt_id)
           ON c.address = u.address AND c.epoch = u.epoch AND c.live_attempt = u.attempt_id
        WHERE c.owner = $1 ORDER BY c.address FOR UPDATE OF c`,
      [
        instanceId,
        uses.map((one) => one.address),
        uses.map((one) => one.epoch),
        uses.map((one) => one.attemptId),
      ],
    );
    return new Set(rows.map((row) => row.attempt_id));
  }

  /** Ends the occupation by these attempts; `used` sequence numbers are remembered. */
  async vacate(
    tx: TenantTx,
    ended: readonly { readonly attemptId: string; readonly used: bigint | null }[],
  ): Promise<void> {
    await tx.execute(
      `UPDATE submissions.channel_accounts c
          SET live_attempt = NULL, live_tenant = NULL, sequence = greatest(c.sequence, e.used), updated_at = now()
         FROM unnest($1::uuid[], $2::bigint[]) AS e (attempt_id, used) WHERE c.live_attempt = e.attempt_id`,
      [ended.map((one) => one.attemptId), ended.map((one) => one.used)],
    );
  }
}
