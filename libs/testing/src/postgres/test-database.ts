import { createHash, randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

import { APP_NAMES, APP_ROLES, type AppName, migrate, type Migration } from '@libs/persistence';
import { Client } from 'pg';

import { everyMigration } from './every-migration';
import { testRun } from './test-run';

export interface TestDatabase {
  /** The address as the role of one app: what the app may not do, the test cannot do either. */
  url(app: AppName): string;
  /** As the role that owns the tables and migrates. Row-level security holds for it (FORCE). */
  readonly ownerUrl: string;
  /** As a superuser, past row-level security: to prepare rows and to look at the result. */
  readonly superuserUrl: string;
  readonly name: string;
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** What the schema is made of; the migrations of all libraries when it is left out, none for an empty database. */
  readonly migrations?: readonly Migration[];
}

const OWNER = 'distributary_owner';
const PASSWORD = 'only-for-tests';
/** Any number: one template is made at a time, also because roles belong to the whole server. */
const TEMPLATE_LOCK = 902_114_733;

/** A new database of your own, copied from a template that was migrated once in this run. Drop it in `afterAll`. */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const run = testRun();
  const template = await ensureTemplate(options.migrations ?? everyMigration());
  const name = `${run.name}_${randomBytes(6).toString('hex')}`;
  await onServer((client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template} OWNER ${OWNER}`));
  return {
    name,
    url: (app) => addressOf(name, APP_ROLES[app]),
    ownerUrl: addressOf(name, OWNER),
    superuserUrl: addressOf(name),
    drop: async () => {
      await onServer(async (client) => {
        await waitUntilLeft(client, name);
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      });
    },
  };
}

/** A server process that ends by itself takes longer than this only when it was not told to. */
const LEAVING_MS = 2000;

/**
 * A pool's `end()` returns before its sessions have ended: one that is cut off meanwhile reports
 * it where nobody listens any more, and the test fails after it has passed.
 */
async function waitUntilLeft(client: Client, database: string): Promise<void> {
  const end = Date.now() + LEAVING_MS;
  while (Date.now() < end) {
    const { rowCount } = await client.query(
      `SELECT FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend' LIMIT 1`,
      [database],
    );
    if (rowCount === 0) return;
    await setTimeout(5);
  }
}

const made = new Set<string>();

async function ensureTemplate(migrations: readonly Migration[]): Promise<string> {
  const digest = createHash('sha256')
    .update(migrations.map((migration) => migration.name).join())
    .digest('hex');
  const template = `${testRun().name}_template_${digest.slice(0, 12)}`;
  if (made.has(template)) return template;
  await onServer(async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [template]);
    if (rowCount === 0) await makeTemplate(client, template, migrations);
  });
  made.add(template);
  return template;
}

/** The template gets its name when it is whole, so that a failed migration leaves nothing that looks usable. */
async function makeTemplate(
  client: Client,
  template: string,
  migrations: readonly Migration[],
): Promise<void> {
  await ensureOwner(client);
  const unfinished = `${template}_unfinished`;
  await client.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
  await client.query(`CREATE DATABASE ${unfinished} TEMPLATE template0 OWNER ${OWNER}`);
  const passwords = Object.fromEntries(APP_NAMES.map((app) => [app, PASSWORD]));
  await migrate({ url: addressOf(unfinished, OWNER), migrations, passwords });
  await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, [
    unfinished,
  ]);
  await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${template}`);
}

/** Owns the tables as in production: no superuser, so that what only a superuser may do fails in tests too. */
async function ensureOwner(client: Client): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [OWNER]);
  if (rowCount === 0) await client.query(`CREATE ROLE ${OWNER} LOGIN CREATEROLE PASSWORD '${PASSWORD}'`);
}

function addressOf(database: string, role?: string): string {
  const url = new URL(testRun().serverUrl);
  url.pathname = `/${database}`;
  if (role !== undefined) {
    url.username = role;
    url.password = PASSWORD;
  }
  return url.href;
}

async function onServer<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: testRun().serverUrl, application_name: 'test' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
