import { type AppName, Database, type TenantTx, UnitOfWork } from '@libs/persistence';
import { Client } from 'pg';

import type { TestDatabase } from '../postgres/test-database';

export interface TwoTenants {
  /** The app whose role is tried: as owner or superuser nothing would be proven. */
  readonly app: AppName;
  /** Every table of the library that belongs to a tenant, as `schema.table`. */
  readonly tables: readonly string[];
  /** Writes at least one row into each of the tables for the tenant of `tx`, as the app does it. */
  readonly given: (tx: TenantTx, tenantId: string) => Promise<void>;
}

/** Two organisations that know nothing of each other. */
const OURS = '0197a000-0000-7000-8000-00000000000a';
const THEIRS = '0197a000-0000-7000-8000-00000000000b';

const contextOf = (tenantId: string): Parameters<UnitOfWork['run']>[0] => ({
  tenantId,
  actor: 'system:test',
  trace: '',
});

/**
 * Tries, as the app's role, everything that must not work between two organisations. One sentence per leak.
 */
export async function leaksBetweenTenants(database: TestDatabase, suite: TwoTenants): Promise<string[]> {
  const pool = new Database({
    url: database.url(suite.app),
    applicationName: 'two tenants',
    connectionsMax: 2,
  });
  const superuser = new Client({ connectionString: database.superuserUrl });
  await superuser.connect();
  try {
    const unitOfWork = new UnitOfWork(pool);
    for (const tenantId of [OURS, THEIRS]) {
      await unitOfWork.run(contextOf(tenantId), (tx) => suite.given(tx, tenantId));
    }
    const leaks: string[] = [];
    for (const table of suite.tables) leaks.push(...(await leaksOf(table, { unitOfWork, pool, superuser })));
    return leaks;
  } finally {
    await superuser.end();
    await pool.close();
  }
}

interface Roads {
  readonly unitOfWork: UnitOfWork;
  readonly pool: Database;
  readonly superuser: Client;
}

async function leaksOf(table: string, roads: Roads): Promise<string[]> {
  const leaks: string[] = [];
  const theirsBefore = await fingerprintOf(roads.superuser, table);
  if (theirsBefore === '') leaks.push(`${table}: the test has written no row for both organisations`);
  if (await isReadWithoutTenant(roads.pool, table))
    leaks.push(`${table}: is read before an organisation is named`);
  const columns = await columnsOf(roads.superuser, table);
  const attempts: Record<string, string> = {
    'shows rows of the other organisation': `SELECT 1 FROM ${table} WHERE tenant_id = '${THEIRS}'`,
    'changes rows of the other organisation': `UPDATE ${table} SET tenant_id = tenant_id WHERE tenant_id = '${THEIRS}'`,
    'removes rows of the other organisation': `DELETE FROM ${table} WHERE tenant_id = '${THEIRS}'`,
    'gives rows away to the other organisation': `UPDATE ${table} SET tenant_id = '${THEIRS}'`,
    'writes rows in the name of the other organisation': `INSERT INTO ${table} (${columns.join(', ')})
       SELECT ${columns.map((column) => `(theirs).${column}`).join(', ')}
         FROM (SELECT jsonb_populate_record(mine, '{"tenant_id": "${THEIRS}"}') AS theirs FROM ${table} mine) forged`,
  };
  for (const [leak, statement] of Object.entries(attempts)) {
    if ((await rowsReached(roads.unitOfWork, statement)) > 0) leaks.push(`${table}: ${leak}`);
  }
  if ((await fingerprintOf(roads.superuser, table)) !== theirsBefore) {
    leaks.push(`${table}: the other organisation's rows are not what they were`);
  }
  return leaks;
}

/** What a row can be written with: a generated column takes no value. */
async function columnsOf(superuser: Client, table: string): Promise<readonly string[]> {
  const { rows } = await superuser.query<{ name: string }>(
    `SELECT quote_ident(attname) AS name FROM pg_attribute
      WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`,
    [table],
  );
  return rows.map((row) => row.name);
}

class Undo extends Error {}

/** How many rows the statement reached; it is always undone. A refusal reaches none. */
async function rowsReached(unitOfWork: UnitOfWork, statement: string): Promise<number> {
  let reached = 0;
  try {
    await unitOfWork.run(contextOf(OURS), async (tx) => {
      reached = await countOf(tx, statement);
      throw new Undo();
    });
  } catch (error) {
    // Policies are checked before keys: a key that is taken was found by a statement that got past the policy.
    if (stateOf(error).startsWith(INTEGRITY_VIOLATION)) return 1;
    if (!(error instanceof Undo) && !isRefusal(error)) throw error;
  }
  return reached;
}

async function countOf(tx: TenantTx, statement: string): Promise<number> {
  if (statement.startsWith('SELECT')) return (await tx.query(statement)).length;
  const [row] = await tx.query<{ reached: string }>(
    `WITH reached AS (${statement} RETURNING 1) SELECT count(*)::text AS reached FROM reached`,
  );
  return Number(row?.reached ?? 0);
}

async function isReadWithoutTenant(pool: Database, table: string): Promise<boolean> {
  try {
    const { rowCount } = await pool.pool.query(`SELECT 1 FROM ${table} LIMIT 1`);
    return rowCount !== 0;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

const INTEGRITY_VIOLATION = '23';
const INSUFFICIENT_PRIVILEGE = '42501';

/** What a missing grant, a policy and a missing tenant raise alike. */
const isRefusal = (error: unknown): boolean => stateOf(error) === INSUFFICIENT_PRIVILEGE;

const stateOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

async function fingerprintOf(superuser: Client, table: string): Promise<string> {
  const { rows } = await superuser.query<{ ours: string; theirs: string; digest: string | null }>(
    `SELECT count(*) FILTER (WHERE tenant_id = $1)::text AS ours, count(*) FILTER (WHERE tenant_id = $2)::text AS theirs,
            md5(string_agg(t::text, '|' ORDER BY t::text) FILTER (WHERE tenant_id = $2)) AS digest
       FROM ${table} t`,
    [OURS, THEIRS],
  );
  const [row] = rows;
  return row === undefined || row.ours === '0' || row.theirs === '0' ? '' : String(row.digest);
}
