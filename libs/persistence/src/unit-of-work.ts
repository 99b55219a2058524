import { invariant, isId } from '@libs/kernel';
import type { PoolClient } from 'pg';

import type { Database } from './database';
import { SilenceWatch } from './silence';
import { SystemTx, type TenantContext, TenantTx } from './tx';

const DEADLOCK_DETECTED = '40P01';
const SERIALIZATION_FAILURE = '40001';
const UNIQUE_VIOLATION = '23505';
/** Of everything that PostgreSQL does not support; here it is a kept plan whose columns have become others. */
const STALE_PLAN = '0A000';
const TRIES_MAX = 4;
/** So quickly a connection that was lost in the pool says so; one whose answers are swallowed would let all others be waited for too. */
const LOST_QUICKLY_MS = 1_000;
const SNAPSHOT = /^[0-9A-F-]+$/;

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

function mayRunAgain(error: unknown, tries: number): boolean {
  const code = codeOf(error);
  // Somebody wrote what the work had looked for in vain: it finds that now, and says so.
  if (code === UNIQUE_VIOLATION) return tries === 1;
  return (code === DEADLOCK_DETECTED || code === SERIALIZATION_FAILURE) && tries < TRIES_MAX;
}

/** A connection in an unknown state, or with a plan from before a migration, is thrown away instead of going back to the pool. */
function isOfConnection(code: unknown, rolledBack: boolean): boolean {
  // Not PostgreSQL's word. If it has answered a ROLLBACK since, the connection is as good as before.
  if (typeof code !== 'string' || code.length !== 5) return !rolledBack;
  return code.startsWith('08') || code.startsWith('57') || code === STALE_PLAN;
}

/** Database transactions of one tenant, one after the other on the same connection: TEMP tables last from one to the next. */
export interface TenantSession {
  /** As `UnitOfWork.run`, for a context of the session's tenant. */
  run<T>(context: TenantContext, work: (tx: TenantTx) => Promise<T>): Promise<T>;
}

/**
 * Opens database transactions. The only road to a row.
 *
 * `work` may run again (at most three times) when PostgreSQL chose it as the victim of a deadlock, and once when somebody else wrote
 * a unique value at the same moment, so it must do nothing that a rollback does not undo: no call to the outside (rule 5 of the architecture).
 */
export class UnitOfWork {
  /** Connections whose last database transaction was rolled back, as PostgreSQL has confirmed. */
  private readonly rolledBack = new WeakSet<PoolClient>();
  /** What befell connections before anything was asked of them. */
  private readonly lostBefore = new WeakSet<object>();

  constructor(private readonly database: Database) {}

  /** One database transaction in which only the rows of `context.tenantId` can be seen or written. */
  async run<T>(context: TenantContext, work: (tx: TenantTx) => Promise<T>): Promise<T> {
    return await this.again((client) => this.asTenant(client, { context, begin: 'BEGIN' }, work));
  }

  /**
   * Database transactions that write nothing and see the database as it is at one moment, whatever is committed meanwhile: on two
   * connections where a second can be spared, so that one works while the rows of the other are sent; else on one.
   */
  async look<T>(
    { tenantId, actor, trace }: TenantContext,
    work: (first: TenantTx, second: TenantTx | null) => Promise<T>,
  ): Promise<T> {
    const context = { tenantId, actor, trace };
    const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
    return await this.again((client) =>
      this.asTenant(client, { context, begin }, async (first) => {
        const spare = await this.database.connectSpare();
        if (spare === null) return await work(first, null);
        return await this.releasing(spare, async () => {
          const { id } = (await first.queryOne<{ id: string }>('SELECT pg_export_snapshot() AS id')) ?? {};
          invariant(id !== undefined && SNAPSHOT.test(id), 'PostgreSQL names a snapshot');
          // It goes into the text like the id of the tenant, and before it: no query may come earlier.
          const same = `${begin}; SET TRANSACTION SNAPSHOT '${id}'`;
          return await this.asTenant(spare, { context, begin: same }, (second) => work(first, second));
        });
      }),
    );
  }

  /**
   * Keeps one connection for the whole of `work`, which opens its database transactions through the session. What `work`
   * put into TEMP tables is gone afterwards. For work that is too large for one database transaction.
   */
  async session<T>(work: (session: TenantSession) => Promise<T>): Promise<T> {
    const client = await this.database.connect();
    let broken: Error | undefined = new Error('a session ended without leaving its connection clean');
    const run: TenantSession['run'] = async (context, inner) => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await this.asTenant(client, { context, begin: 'BEGIN' }, inner);
        } catch (error) {
          if (!mayRunAgain(error, tries)) throw error;
        }
      }
    };
    try {
      return await work({ run });
    } finally {
      await client.query('DISCARD TEMP').then(
        () => (broken = undefined),
        () => undefined,
      );
      client.release(broken);
    }
  }

  /**
   * One database transaction for tables that belong to no tenant, and for the few listed reads across tenants
   * (as the app's second role, whose policies allow exactly those). `reason` says which use of the list it is.
   */
  async runSystem<T>(reason: string, work: (tx: SystemTx) => Promise<T>): Promise<T> {
    invariant(reason.length > 0, 'a SystemTx names its reason');
    const begin = `BEGIN; SELECT set_config('role', current_user || '_system', true)`;
    return await this.again((client) => this.inside(client, begin, () => work(new SystemTx(client, reason))));
  }

  private async again<T>(attempt: (client: PoolClient) => Promise<T>): Promise<T> {
    for (let tries = 1, lost = 0; ;) {
      const client = await this.database.connect();
      try {
        return await this.releasing(client, () => attempt(client));
      } catch (error) {
        // It is gone from the pool, so that a new one comes at the latest when all of the pool were lost; that one has to be good.
        if (this.wasLostBefore(error) && lost < this.database.connectionsMax) {
          lost += 1;
          continue;
        }
        if (!mayRunAgain(error, tries)) throw error;
        tries += 1;
      }
    }
  }

  private wasLostBefore(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.lostBefore.has(error);
  }

  /** Gives the connection back when `work` has ended, or throws it away. */
  private async releasing<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
    let broken: Error | undefined;
    try {
      return await work();
    } catch (error) {
      if (isOfConnection(codeOf(error), this.rolledBack.has(client))) {
        broken = error instanceof Error ? error : new Error(String(error));
      }
      throw error;
    } finally {
      client.release(broken);
    }
  }

  private async asTenant<T>(
    client: PoolClient,
    { context, begin }: { readonly context: TenantContext; readonly begin: string },
    work: (tx: TenantTx) => Promise<T>,
  ): Promise<T> {
    invariant(isId(context.tenantId), `not a tenant id: ${context.tenantId}`);
    // The id was just checked to be a UUID, so it can stand in the text and save a round trip.
    const asTenant = `${begin}; SELECT set_config('app.tenant_id', '${context.tenantId}', true)`;
    return await this.inside(client, asTenant, async () => {
      const tx = new TenantTx(client, context);
      const result = await work(tx);
      await context.beforeCommit?.(tx);
      return result;
    });
  }

  private async inside<T>(client: PoolClient, begin: string, work: () => Promise<T>): Promise<T> {
    this.rolledBack.delete(client);
    await this.begin(client, begin);
    try {
      const result = await work();
      const { command } = await client.query('COMMIT');
      // PostgreSQL answers a COMMIT after a failed statement with ROLLBACK, and calls that no error.
      invariant(
        command === 'COMMIT',
        'a statement failed, its error was swallowed, and nothing was committed',
      );
      return result;
    } catch (error) {
      await client.query('ROLLBACK').then(
        () => this.rolledBack.add(client),
        () => undefined,
      );
      throw error;
    } finally {
      SilenceWatch.of(client)?.asUsual();
    }
  }

  private async begin(client: PoolClient, begin: string): Promise<void> {
    const startedAt = performance.now();
    try {
      await client.query(begin);
    } catch (error) {
      const wasQuick = performance.now() - startedAt < LOST_QUICKLY_MS;
      if (wasQuick && error instanceof Error && isOfConnection(codeOf(error), false))
        this.lostBefore.add(error);
      throw error;
    }
  }
}
