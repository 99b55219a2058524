import { channelAccountMachine } from '@libs/domain';
import type { SystemTx } from '@libs/persistence';

/** Any number: instances that create rows at once wait for each other. */
const CREATION_LOCK = 7_310_552_202;
/** How many channel accounts there may be. */
export const CHANNELS_MAX = 1_000;

export interface ChannelPopulation {
  /** How many there should be. */
  readonly wanted: number;
  /** Free, leased, or planned and not on the ledger yet. */
  readonly usable: number;
  readonly missingOnLedger: number;
  /** Draining without a live attempt: these can be merged. */
  readonly drained: number;
  /** Draining with an attempt that the ledger has not decided yet. */
  readonly draining: number;
}

/** A channel account as a person sees it. */
export interface ChannelView {
  readonly address: string;
  readonly status: string;
  readonly onLedger: boolean;
  readonly owner: string | null;
  readonly sequence: bigint | null;
  /** The highest that an envelope of ours may use which sets up accounts; null where there was none. */
  readonly setupSequence: bigint | null;
  readonly liveAttempt: string | null;
  readonly createdAt: Date;
}

/** How many channel accounts there are and should be: the rows of new ones, and the way of old ones to their end. */
export class ChannelPopulationRepository {
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

  /** Follows NUM_CHANNEL_ACCOUNTS, but only when it is another number than the last time. Returns how many are wanted. */
  async adoptSetting(tx: SystemTx, setting: number, actor: string): Promise<void> {
    await tx.execute(
      `INSERT INTO submissions.channel_target AS t (wanted, setting, actor) VALUES ($1, $1, $2)
       ON CONFLICT (only_row) DO UPDATE
          SET wanted = CASE WHEN t.setting IS NULL THEN t.wanted ELSE excluded.wanted END,
              setting = excluded.setting, actor = excluded.actor, updated_at = now()
        WHERE t.setting IS DISTINCT FROM excluded.setting`,
      [setting, actor],
    );
  }

  /** A person's word. What the setting says is kept as it is, so that the next start does not undo it. */
  async want(tx: SystemTx, wanted: number, actor: string): Promise<void> {
    await tx.execute(
      `INSERT INTO submissions.channel_target (wanted, actor) VALUES ($1, $2)
       ON CONFLICT (only_row) DO UPDATE SET wanted = excluded.wanted, actor = excluded.actor, updated_at = now()`,
      [wanted, actor],
    );
  }

  async wanted(tx: SystemTx): Promise<number> {
    const row = await tx.queryOne<{ wanted: number }>('SELECT wanted FROM submissions.channel_target');
    return row?.wanted ?? 0;
  }

  async population(tx: SystemTx): Promise<ChannelPopulation> {
    const row = await tx.queryOne<Record<'usable' | 'missing' | 'drained' | 'draining', bigint>>(
      `SELECT count(*) FILTER (WHERE status IN ('FREE', 'LEASED')) AS usable,
              count(*) FILTER (WHERE status IN ('FREE', 'LEASED') AND NOT on_ledger) AS missing,
              count(*) FILTER (WHERE status = 'DRAINING' AND live_attempt IS NULL) AS drained,
              count(*) FILTER (WHERE status = 'DRAINING' AND live_attempt IS NOT NULL) AS draining
         FROM submissions.channel_accounts WHERE status <> 'RETIRED'`,
    );
    return {
      wanted: await this.wanted(tx),
      usable: Number(row?.usable ?? 0n),
      missingOnLedger: Number(row?.missing ?? 0n),
      drained: Number(row?.drained ?? 0n),
      draining: Number(row?.draining ?? 0n),
    };
  }

  /**
   * Takes so many out of service, the ones first that nothing depends on: not on the ledger yet, idle, young. They serve no
   * new attempt from the commit on; one that carries an attempt keeps its owner, who watches it to its end.
   */
  async drain(tx: SystemTx, count: number, actor: string): Promise<readonly string[]> {
    return await this.drainThose(
      tx,
      `SELECT address FROM submissions.channel_accounts WHERE status = ANY($3)
        ORDER BY on_ledger, live_attempt IS NOT NULL, created_at DESC, address LIMIT $4 FOR UPDATE`,
      { actor, value: count },
    );
  }

  /** Takes these out of service. Returns those that were in service. */
  async drainNamed(tx: SystemTx, addresses: readonly string[], actor: string): Promise<readonly string[]> {
    return await this.drainThose(
      tx,
      `SELECT address FROM submissions.channel_accounts
        WHERE status = ANY($3) AND address = ANY($4) ORDER BY address FOR UPDATE`,
      { actor, value: addresses },
    );
  }

  /** Those that can be merged now. `since` is when they were taken out of service or became idle. */
  async drained(
    tx: SystemTx,
    limit: number,
  ): Promise<
    readonly { readonly address: string; readonly onLedger: boolean; readonly idleSeconds: number }[]
  > {
    return await tx.query(
      `SELECT address, on_ledger AS "onLedger", extract(epoch FROM now() - updated_at)::integer AS "idleSeconds"
         FROM submissions.channel_accounts
        WHERE status = 'DRAINING' AND live_attempt IS NULL ORDER BY updated_at, address LIMIT $1`,
      [limit],
    );
  }

  /** The ledger has these no more. Their addresses stay here for good, so that none is ever used again. */
  async retire(tx: SystemTx, addresses: readonly string[], actor: string): Promise<number> {
    const to = channelAccountMachine.targetOf('retire');
    return await tx.execute(
      `UPDATE submissions.channel_accounts
          SET status = $2, owner = NULL, on_ledger = false,
              status_history = status_history || history_entry($2, $3, 'merged'), updated_at = now()
        WHERE address = ANY($1) AND status = ANY($4) AND live_attempt IS NULL`,
      [addresses, to, actor, channelAccountMachine.sourcesOf('retire')],
    );
  }

  /** At most `CHANNELS_MAX` that are in use or on their way out, or all that ever were, the newest first. */
  async view(tx: SystemTx, options: { readonly retired: boolean }): Promise<readonly ChannelView[]> {
    return await tx.query<ChannelView & Record<string, unknown>>(
      `SELECT address, status, on_ledger AS "onLedger", owner, sequence, setup_sequence AS "setupSequence",
              live_attempt AS "liveAttempt",
              created_at AS "createdAt"
         FROM submissions.channel_accounts WHERE $1 OR status <> 'RETIRED'
        ORDER BY status, created_at DESC, address LIMIT $2`,
      [options.retired, CHANNELS_MAX * 2],
    );
  }

  async countByStatus(tx: SystemTx): Promise<ReadonlyMap<string, number>> {
    const rows = await tx.query<{ status: string; count: bigint }>(
      'SELECT status, count(*) AS count FROM submissions.channel_accounts GROUP BY status',
    );
    return new Map(rows.map(({ status, count }) => [status, Number(count)]));
  }

  private async drainThose(
    tx: SystemTx,
    which: string,
    { actor, value }: { readonly actor: string; readonly value: number | readonly string[] },
  ): Promise<readonly string[]> {
    const to = channelAccountMachine.targetOf('drain');
    const rows = await tx.query<{ address: string }>(
      `UPDATE submissions.channel_accounts c
          SET status = $1, owner = CASE WHEN c.live_attempt IS NULL THEN NULL ELSE c.owner END,
              status_history = c.status_history || history_entry($1, $2, 'to be merged'), updated_at = now()
         FROM (${which}) AS d WHERE c.address = d.address
        RETURNING c.address`,
      [to, actor, channelAccountMachine.sourcesOf('drain'), value],
    );
    return rows.map(({ address }) => address);
  }
}
