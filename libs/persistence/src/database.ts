import { Pool, type PoolClient, type QueryConfig, type QueryResult, type QueryResultRow, types } from 'pg';

import { NoConnectionError } from './database.errors';
import { destroySocket, SilenceWatch } from './silence';
import { WaitingLine } from './waiting-line';

export type { Connection } from './connection';

export interface DatabaseOptions {
  /** The address of PostgreSQL with the role of this app: never the owner of the tables, never a superuser. */
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly connectionsMax?: number;
  /** How long PostgreSQL works on one statement at most. `Tx.takeTime` allows more. */
  readonly statementTimeoutMs?: number;
  /**
   * After how long PostgreSQL ends a database transaction whose next statement does not come, and lets go of its locks: less
   * than a minute where a frozen process would keep others from going on for it.
   */
  readonly idleInTransactionMs?: number;
  /** How much later than PostgreSQL's own limit its silence counts as a lost connection. */
  readonly silenceMarginMs?: number;
}

const CONNECTIONS_MAX = 10;
const STATEMENT_TIMEOUT_MS = 60_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Ample for a limit of PostgreSQL's to reach us. */
const SILENCE_MARGIN_MS = 15_000;
/** The kernel asks a silent other side from then on, each second, ten times. */
const KEEP_ALIVE_AFTER_MS = 10_000;
const GOODBYE_MS = 3_000;

/** `bigint` columns arrive as bigint: they hold money, and a Number would lose the last digits of a large amount. */
const columnTypes = {
  getTypeParser: (oid: Parameters<typeof types.getTypeParser>[0], format?: 'text' | 'binary'): unknown =>
    oid === types.builtins.INT8 ? (text: string) => BigInt(text) : types.getTypeParser(oid, format ?? 'text'),
};

/** One pool of connections to PostgreSQL, as the role of one app. */
export class Database {
  readonly pool: Pool;
  /** Who asked for a connection and has none yet. */
  readonly waiting = new WaitingLine();
  private readonly clients = new Set<PoolClient>();

  constructor(readonly options: DatabaseOptions) {
    const statementTimeoutMs = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
    this.pool = new Pool({
      connectionString: options.url,
      application_name: options.applicationName,
      max: this.connectionsMax,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: options.idleInTransactionMs ?? IDLE_IN_TRANSACTION_TIMEOUT_MS,
      types: columnTypes,
    });
    // An idle connection that breaks is replaced by the pool; without a listener its error would end the process.
    this.pool.on('error', () => undefined);
    // The same for a connection that breaks while it is in use but waits for no answer: the next statement on it fails.
    this.pool.on('connect', (client) => {
      client.on('error', () => undefined);
      new SilenceWatch(client, {
        statementTimeoutMs,
        marginMs: options.silenceMarginMs ?? SILENCE_MARGIN_MS,
      });
      this.clients.add(client);
      client.once('end', () => this.clients.delete(client));
    });
  }

  get connectionsMax(): number {
    return this.options.connectionsMax ?? CONNECTIONS_MAX;
  }

  /** A connection of the pool, to be released. Throws a `NoConnectionError` when none could be had. */
  async connect(): Promise<PoolClient> {
    const asking = {};
    this.waiting.enter(asking);
    try {
      return await this.pool.connect();
    } catch (error) {
      throw new NoConnectionError(error);
    } finally {
      this.waiting.leave(asking);
    }
  }

  /**
   * A second connection for work that goes on without it: null unless less than half of the pool is in use and nobody waits.
   * So whoever holds one connection and asks for another neither waits for others who do the same nor leaves none to them.
   */
  async connectSpare(): Promise<PoolClient | null> {
    const { totalCount, idleCount, waitingCount } = this.pool;
    if (waitingCount > 0 || totalCount - idleCount >= this.connectionsMax / 2) return null;
    return await this.pool.connect().catch(() => null);
  }

  /** One statement of its own, without a database transaction around it and without a tenant. Throws as `connect`. */
  async query<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>> {
    const client = await this.connect();
    let broken = true;
    try {
      const result = await client.query<Row>(statement);
      broken = false;
      return result;
    } finally {
      client.release(broken);
    }
  }

  /** Throws when the database is unreachable or a setting would break a promise that the code relies on. */
  async assertReady(): Promise<void> {
    const { rows } = await this.pool.query<{ isolation: string; superuser: boolean; bypass: boolean }>(
      `SELECT current_setting('default_transaction_isolation') AS isolation, rolsuper AS superuser, rolbypassrls AS bypass
         FROM pg_roles WHERE rolname = current_user`,
    );
    const [row] = rows;
    if (row === undefined || row.superuser || row.bypass) {
      throw new Error(
        'DATABASE_URL must name the role of this app: as a superuser, row-level security would not hold',
      );
    }
    if (row.isolation !== 'read committed') {
      throw new Error(`the database must run at "read committed", it runs at "${row.isolation}"`);
    }
  }

  async close(): Promise<void> {
    const ended = this.pool.end();
    const forced = setTimeout(() => {
      for (const client of this.clients) destroySocket(client);
    }, GOODBYE_MS);
    await ended.finally(() => clearTimeout(forced));
  }
}
