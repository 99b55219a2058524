import { channelAccountMachine } from '@libs/domain';
import type { SystemTx, TenantTx } from '@libs/persistence';

/** A channel account that this instance owns. */
export interface OwnedChannel {
  readonly address: string;
  readonly epoch: bigint;
  /** The highest sequence number known to be used; null until it was read from the ledger. */
  readonly sequence: bigint | null;
  readonly liveTenant: string | null;
  readonly liveAttempt: string | null;
}

export interface IdleChannel {
  readonly address: string;
  /** The highest sequence number that it may have used; null until one was read from the ledger. */
  readonly known: bigint | null;
}

export interface ChannelUse {
  readonly address: string;
  readonly epoch: bigint;
  readonly attemptId: string;
}

type Tx = SystemTx | TenantTx;

export interface TakenOver {
  /** Channel accounts that can be used at all, whoever has them. */
  readonly usable: number;
  /** How many of ours are above our fair share: to be given back as they become idle. */
  readonly surplus: number;
}

/** The only writer of channel accounts, besides the holds port, which frees what it discards. */
export class ChannelAccountRepository {
  async markOnLedger(tx: SystemTx, found: ReadonlyMap<string, bigint>): Promise<void> {
    await tx.execute(
      `UPDATE submissions.channel_accounts c
          SET on_ledger = true, sequence = greatest(c.sequence, f.sequence), updated_at = now()
         FROM unnest($1::text[], $2::bigint[]) AS f (address, sequence)
        WHERE c.address = f.address AND c.status <> 'RETIRED'`,
      [[...found.keys()], [...found.values()]],
    );
  }

  /**
   * Those of these that are idle and that nobody has taken since they were read, locked until the end of the database
   * transaction, with the highest sequence number that we know of by now. Whatever used a number was committed before it
   * was sent: with a ledger read before this one, what these rows do not know of is forgotten.
   */
  async lockIdle(
    tx: SystemTx,
    instanceId: string,
    read: readonly Pick<OwnedChannel, 'address' | 'epoch'>[],
  ): Promise<readonly IdleChannel[]> {
    return await tx.query<IdleChannel & Record<string, unknown>>(
      `SELECT c.address, CASE WHEN c.sequence IS NOT NULL THEN greatest(c.sequence, c.setup_sequence) END AS known
         FROM submissions.channel_accounts c
         JOIN unnest($2::text[], $3::bigint[]) AS r (address, epoch) ON c.address = r.address AND c.epoch = r.epoch
        WHERE c.owner = $1 AND c.live_attempt IS NULL ORDER BY c.address FOR UPDATE OF c`,
      [instanceId, read.map((one) => one.address), read.map((one) => one.epoch)],
    );
  }

  /** To be committed before an envelope is sent that uses this number to set up accounts. */
  async willUse(tx: SystemTx, address: string, sequence: bigint): Promise<void> {
    await tx.execute(
      `UPDATE submissions.channel_accounts SET setup_sequence = greatest(setup_sequence, $2), updated_at = now()
        WHERE address = $1`,
      [address, sequence],
    );
  }

  /**
   * Leases our fair share of what is free or belonged to instances that are lost, and all that still carries an attempt of
   * theirs. The epoch goes up, so what an old owner still writes matches nothing.
   */
  async takeOver(
    tx: SystemTx,
    instanceId: string,
    among: { readonly lost: readonly string[]; readonly living: number; readonly actor: string },
  ): Promise<TakenOver> {
    const to = channelAccountMachine.targetOf('lease');
    const sources = channelAccountMachine.sourcesOf('lease');
    const count = await tx.queryOne<{ usable: bigint; mine: bigint }>(
      `SELECT count(*) AS usable, count(*) FILTER (WHERE owner = $1 AND status = $2) AS mine
         FROM submissions.channel_accounts WHERE on_ledger AND (status = $2 OR status = ANY($3))`,
      [instanceId, to, sources],
    );
    const [usable, mine] = [Number(count?.usable ?? 0n), Number(count?.mine ?? 0n)];
    const share = Math.ceil(usable / among.living);
    const taken = await tx.execute(
      `WITH candidates AS (
         SELECT address, live_attempt IS NOT NULL AS carries FROM submissions.channel_accounts c
          WHERE on_ledger AND owner IS DISTINCT FROM $1 AND (status = ANY($4) OR (status = $2
            AND (owner = ANY($5::uuid[]) OR NOT EXISTS (SELECT FROM submissions.instances i WHERE i.id = c.owner))))
          ORDER BY carries DESC, address
          LIMIT greatest($6::integer, (SELECT count(*) FROM submissions.channel_accounts WHERE live_attempt IS NOT NULL
            AND (owner IS NULL OR owner = ANY($5::uuid[]) OR owner NOT IN (SELECT id FROM submissions.instances))))
          FOR UPDATE SKIP LOCKED)
       UPDATE submissions.channel_accounts c
          SET status = $2, owner = $1, epoch = c.epoch + 1,
              status_history = c.status_history || history_entry($2, $3, 'taken'), updated_at = now()
         FROM candidates WHERE c.address = candidates.address`,
      [instanceId, to, among.actor, sources, among.lost, Math.max(0, share - mine)],
    );
    // What is being drained is no longer leased, but its last attempt must be watched to its end.
    await tx.execute(
      `UPDATE submissions.channel_accounts c SET owner = $1, epoch = c.epoch + 1, updated_at = now()
        WHERE c.address IN (
          SELECT address FROM submissions.channel_accounts d
           WHERE status = 'DRAINING' AND live_attempt IS NOT NULL AND owner IS DISTINCT FROM $1
             AND (owner IS NULL OR owner = ANY($2::uuid[])
               OR NOT EXISTS (SELECT FROM submissions.instances i WHERE i.id = d.owner))
           FOR UPDATE SKIP LOCKED)`,
      [instanceId, among.lost],
    );
    return { usable, surplus: Math.max(0, mine + taken - share) };
  }

  /** Gives idle channel accounts of ours to whoever has fewer. Returns those that went. */
  async giveBack(
    tx: SystemTx,
    instanceId: string,
    addresses: readonly string[],
    actor: string,
  ): Promise<ReadonlySet<string>> {
    const to = channelAccountMachine.targetOf('release');
    const rows = await tx.query<{ address: string }>(
      `UPDATE submissions.channel_accounts
          SET status = $3, owner = NULL, status_history = status_history || history_entry($3, $4, 'given to another'),
              updated_at = now()
        WHERE owner = $1 AND address = ANY($2) AND status = ANY($5) AND live_attempt IS NULL
        RETURNING address`,
      [instanceId, addresses, to, actor, channelAccountMachine.sourcesOf('release')],
    );
    return new Set(rows.map(({ address }) => address));
  }

  async owned(tx: SystemTx, instanceId: string): Promise<readonly OwnedChannel[]> {
    return await tx.query<OwnedChannel & Record<string, unknown>>(
      `SELECT address, epoch, sequence, live_tenant AS "liveTenant", live_attempt AS "liveAttempt"
         FROM submissions.channel_accounts
        WHERE owner = $1 AND (status = 'LEASED' OR (status = 'DRAINING' AND live_attempt IS NOT NULL))
        ORDER BY address`,
      [instanceId],
    );
  }

  /** Gives everything back, with what it carries: whoever comes takes it over. */
  async releaseAll(tx: SystemTx, instanceId: string, actor: string): Promise<void> {
    const to = channelAccountMachine.targetOf('release');
    await tx.execute(
      `UPDATE submissions.channel_accounts
          SET status = $2, owner = NULL, status_history = status_history || history_entry($2, $3, 'released'),
              updated_at = now()
        WHERE owner = $1 AND status = ANY($4)`,
      [instanceId, to, actor, channelAccountMachine.sourcesOf('release')],
    );
    await tx.execute(
      `UPDATE submissions.channel_accounts SET owner = NULL, updated_at = now() WHERE owner = $1 AND status = 'DRAINING'`,
      [instanceId],
    );
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

  /** The attempts among these that are still ours, whatever we knew when we sent them; locked as below. */
  async lockOwnedAttempts(
    tx: TenantTx,
    instanceId: string,
    attemptIds: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ live_attempt: string }>(
      `SELECT live_attempt FROM submissions.channel_accounts
        WHERE owner = $1 AND live_attempt = ANY($2) ORDER BY address FOR UPDATE`,
      [instanceId, attemptIds],
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
