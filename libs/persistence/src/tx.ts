import type { PoolClient } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { createHash } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';

import { destroySocket, SilenceWatch } from './silence';

export type SqlValue =
  string | number | bigint | boolean | Date | Uint8Array | null | readonly SqlValue[] | object;

/** Who acts, for which organisation. Made once at the edge: a guard, an event's envelope, a job's loop. */
export interface TenantContext {
  readonly tenantId: string;
  /** `user:<id>`, `api-key:<id>`, `receiver`, or `system:<job or handler>`. Goes into histories. */
  readonly actor: string;
  /** W3C traceparent, or empty. Goes into the events that this work causes. */
  readonly trace: string;
  /**
   * Runs last in each database transaction of this context, before it commits: for what must be written together with
   * any change (the audit log).
   */
  readonly beforeCommit?: ((tx: TenantTx) => Promise<void>) | undefined;
}

const names = new Map<string, string>();

/** The name under which connections keep a statement. Only texts in the code get here, so there are not many. */
function nameOf(sql: string): string {
  const known = names.get(sql);
  if (known !== undefined) return known;
  const name = createHash('sha256').update(sql).digest('hex').slice(0, 32);
  names.set(sql, name);
  return name;
}

/** What both kinds of database transaction can do. Values travel as parameters only, never inside `sql`. */
abstract class Tx {
  constructor(protected readonly client: PoolClient) {}

  async query<Row extends object = Record<string, unknown>>(
    sql: string,
    values: readonly SqlValue[] = [],
  ): Promise<Row[]> {
    return (await this.client.query<Row>(sql, [...values])).rows;
  }

  /**
   * As `query`, for a statement that is always the same: PostgreSQL plans it a few times on each connection, then keeps its plan.
   * For joins of many tables by ids, where planning takes longer than reading; not where the values decide on the plan.
   */
  async queryPlanned<Row extends object = Record<string, unknown>>(
    sql: string,
    values: readonly SqlValue[] = [],
  ): Promise<Row[]> {
    return (await this.client.query<Row>({ name: nameOf(sql), text: sql, values: [...values] })).rows;
  }

  /** The one row of a query that has exactly one, or null when it has none. */
  async queryOne<Row extends object = Record<string, unknown>>(
    sql: string,
    values: readonly SqlValue[] = [],
  ): Promise<Row | null> {
    return (await this.query<Row>(sql, values))[0] ?? null;
  }

  /** How many rows an INSERT, UPDATE or DELETE touched: the answer of every guarded update. */
  async execute(sql: string, values: readonly SqlValue[] = []): Promise<number> {
    return (await this.client.query(sql, [...values])).rowCount ?? 0;
  }

  /** Lets each further statement of this database transaction take so long, with the silence of PostgreSQL meanwhile. */
  async takeTime(ms: number): Promise<void> {
    await this.execute(`SELECT set_config('statement_timeout', $1, true)`, [String(ms)]);
    SilenceWatch.of(this.client)?.allow(ms);
  }

  /** Keeps the further statements of this database transaction to one processor: what the clock asks for leaves the others to people. */
  async onOneProcessor(): Promise<void> {
    await this.execute(`SELECT set_config('max_parallel_workers_per_gather', '0', true)`);
  }

  /**
   * Lets the commit answer before it is on disk. For a step that counts for nothing before a later commit, which waits for the
   * disk and for all that was committed before it: a PostgreSQL that dies in between loses the last steps, never one without those
   * behind it.
   */
  async commitWithoutDisk(): Promise<void> {
    await this.execute('SET LOCAL synchronous_commit = off');
  }

  /** A stream into `COPY … FROM STDIN`. PostgreSQL refuses it on tables with row-level security: copy into a TEMP table. */
  copyFrom(sql: string): Writable {
    return this.client.query(copyFrom(sql));
  }

  /**
   * What `COPY (…) TO STDOUT` sends, as bytes. Who reads slowly makes PostgreSQL wait. Destroyed before its end it takes the
   * connection with it: what PostgreSQL still has to say would have to be read to the last row.
   */
  copyTo(sql: string): Readable {
    const rows = this.client.query(copyTo(sql));
    rows.on('error', () => undefined);
    rows.once('close', () => {
      if (!rows.readableEnded) destroySocket(this.client);
    });
    return rows;
  }
}

/** A database transaction that sees and writes the rows of one tenant only. */
export class TenantTx extends Tx {
  readonly tenantId: string;
  readonly actor: string;
  readonly trace: string;

  constructor(client: PoolClient, context: TenantContext) {
    super(client);
    this.tenantId = context.tenantId;
    this.actor = context.actor;
    this.trace = context.trace;
  }

  /** The same database transaction for one of several pieces of work that share it: what that one causes carries its trace. */
  causedBy(trace: string): TenantTx {
    return new TenantTx(this.client, { tenantId: this.tenantId, actor: this.actor, trace });
  }
}

/** A database transaction for tables without a tenant, or for one of the listed reads across tenants. */
export class SystemTx extends Tx {
  constructor(
    client: PoolClient,
    readonly reason: string,
  ) {
    super(client);
  }
}
