import { type Client, Pool, type PoolClient, types } from 'pg';

export interface DatabaseOptions {
  /** The address of PostgreSQL with the role of this app: never the owner of the tables, never a superuser. */
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly connectionsMax?: number;
}

const STATEMENT_TIMEOUT_MS = 60_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** `bigint` columns arrive as bigint: they hold money, and a Number would lose the last digits of a large amount. */
const columnTypes = {
  getTypeParser: (oid: Parameters<typeof types.getTypeParser>[0], format?: 'text' | 'binary'): unknown =>
    oid === types.builtins.INT8 ? (text: string) => BigInt(text) : types.getTypeParser(oid, format ?? 'text'),
};

/** One pool of connections to PostgreSQL, as the role of one app. */
export class Database {
  readonly pool: Pool;

  constructor(readonly options: DatabaseOptions) {
    this.pool = new Pool({
      connectionString: options.url,
      application_name: options.applicationName,
      max: options.connectionsMax ?? 10,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      types: columnTypes,
    });
    // An idle connection that breaks is replaced by the pool; without a listener its error would end the process.
    this.pool.on('error', () => undefined);
    // The same for a connection that breaks while it is in use but waits for no answer: the next statement on it fails.
    this.pool.on('connect', (client) => client.on('error', () => undefined));
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
    await this.pool.end();
  }
}

export type Connection = PoolClient | Client;
