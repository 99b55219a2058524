import { Client } from 'pg';

const LOOK_EVERY_MS = 10;
/** What other files, staff and recipients want to write as well. */
const OF_PEOPLE = [
  'receivers',
  'receiver_wallets',
  'verifications',
  'arriving_verifications',
  'arriving_addresses',
  'address_publications',
  'address_owners',
].map((table) => `receivers.${table}`);
const ALL = ['disbursements.disbursements', 'disbursements.payments', ...OF_PEOPLE];

interface Holder {
  readonly holder: string;
  readonly at: number;
  readonly statement: string;
}

/** Milliseconds, and what was being done at its end. */
export interface LongestLock {
  readonly ms: number;
  readonly statement: string;
}

/** The longest time that a database transaction of an app held any lock for writing on people, payments or disbursements: a look each 10 ms. */
export class LockWatch {
  private readonly since = new Map<string, number>();
  private longest: LongestLock = { ms: 0, statement: '' };
  private isOver = false;
  private readonly looking: Promise<void>;

  private constructor(
    private readonly client: Client,
    private readonly tables: readonly string[],
  ) {
    this.looking = this.lookOn();
    // Whoever stops the watch is told.
    this.looking.catch(() => undefined);
  }

  static async start(superuserUrl: string, of: 'all' | 'people' = 'all'): Promise<LockWatch> {
    const client = new Client({ connectionString: superuserUrl });
    await client.connect();
    return new LockWatch(client, of === 'all' ? ALL : OF_PEOPLE);
  }

  async stop(): Promise<LongestLock> {
    this.isOver = true;
    await this.looking;
    await this.client.end();
    return this.longest;
  }

  private async lookOn(): Promise<void> {
    while (!this.isOver) {
      await this.look();
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  private async look(): Promise<void> {
    const { rows } = await this.client.query<Holder>(
      `SELECT DISTINCT l.pid || ' ' || a.xact_start AS holder, (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS at,
              left(regexp_replace(a.query, '\\s+', ' ', 'g'), 300) AS statement
         FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.granted AND l.locktype = 'relation' AND l.mode <> 'AccessShareLock' AND a.backend_type = 'client backend'
          AND l.relation = ANY($1::regclass[])`,
      [this.tables],
    );
    const holders = new Set(rows.map(({ holder }) => holder));
    for (const known of this.since.keys()) if (!holders.has(known)) this.since.delete(known);
    for (const { holder, at, statement } of rows) {
      const since = this.since.get(holder) ?? at;
      this.since.set(holder, since);
      if (at - since > this.longest.ms) this.longest = { ms: at - since, statement };
    }
  }
}
