import { Client } from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';

import { APP_NAMES, APP_ROLES, type AppName, SEARCH_ROLE, systemRoleOf } from './roles';

export type Migration = new () => MigrationInterface;

export interface MigrateOptions {
  /** PostgreSQL as the role that owns the tables and may create roles. */
  readonly url: string;
  readonly migrations: readonly Migration[];
  /** The password of each app's role. A role without one here keeps what it has. */
  readonly passwords: Partial<Record<AppName, string>>;
}

/** Any number: it only has to be the same in each process that migrates. */
const MIGRATION_LOCK = 7_310_552_201;
const DUPLICATE_OBJECT = ['42710', '23505', 'XX000'];

/**
 * Brings the database to the newest schema and returns the names of what it applied.
 *
 * Two processes at once do not hurt each other: the second waits on an advisory lock and then finds nothing to do.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const lock = new Client({ connectionString: options.url, application_name: 'distributary migrate' });
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await ensureRoles(lock, options.passwords);
    return await runMigrations(options);
  } finally {
    await lock.end();
  }
}

async function runMigrations(options: MigrateOptions): Promise<string[]> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: options.url,
    migrations: [...options.migrations],
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
  });
  await dataSource.initialize();
  try {
    return (await dataSource.runMigrations()).map((migration) => migration.name);
  } finally {
    await dataSource.destroy();
  }
}

/** Roles belong to the whole server, so another database of the same server may be making them at this moment. */
async function ensureRoles(client: Client, passwords: MigrateOptions['passwords']): Promise<void> {
  await createRole(client, SEARCH_ROLE, 'NOLOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS');
  await mayGiveTo(client, SEARCH_ROLE);
  for (const app of APP_NAMES) {
    const role = APP_ROLES[app];
    await createRole(client, role, 'LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS');
    await createRole(client, systemRoleOf(app), 'NOLOGIN NOSUPERUSER NOBYPASSRLS');
    const { rowCount } = await client.query(
      `SELECT 1 FROM pg_auth_members m WHERE m.roleid = $1::regrole AND m.member = $2::regrole`,
      [systemRoleOf(app), role],
    );
    if (rowCount === 0) await client.query(`GRANT ${systemRoleOf(app)} TO ${role}`);
    const password = passwords[app];
    if (password !== undefined) {
      await client.query(`ALTER ROLE ${role} PASSWORD ${client.escapeLiteral(password)}`);
    }
  }
}

/** Who owns the tables may give a function to this role only as a member of it; a superuser may in any case. */
async function mayGiveTo(client: Client, role: string): Promise<void> {
  const { rows: versions } = await client.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  // Before PostgreSQL 16 whoever is a member may become the role, and there is no way to say less.
  const knowsOptions = (versions[0]?.version ?? 0) >= 160_000;
  const { rows } = await client.query<{ may: boolean }>(`SELECT pg_has_role(current_user, $1, $2) AS may`, [
    role,
    knowsOptions ? 'SET' : 'MEMBER',
  ]);
  if (rows[0]?.may === true) return;
  await client.query(`GRANT ${role} TO current_user${knowsOptions ? ' WITH INHERIT FALSE, SET TRUE' : ''}`);
}

async function createRole(client: Client, role: string, attributes: string): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount !== 0) return;
  try {
    await client.query(`CREATE ROLE ${role} ${attributes}`);
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
    if (!DUPLICATE_OBJECT.includes(code)) throw error;
  }
}
