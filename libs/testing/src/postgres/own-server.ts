import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import { type RunningPostgres, startPostgres } from '@libs/embedded-postgres';
import { APP_NAMES, APP_ROLES, migrate } from '@libs/persistence';
import { Client } from 'pg';

import { everyMigration } from './every-migration';
import type { TestDatabase } from './test-database';
import { testRun } from './test-run';

const PASSWORD = 'only-for-tests';
const OWNER = 'distributary_owner';
const DATABASE = 'own';

/** How a copy comes up: from its own files alone, on a new timeline; or following another server. */
export type CopyAs = 'restored' | { readonly standbyOf: OwnServer };

/** A PostgreSQL of one test, with write-ahead log for replication: to be stopped, copied, restored and promoted. */
export class OwnServer {
  private server: RunningPostgres | null = null;

  private constructor(
    private readonly folder: string,
    private readonly settings: Readonly<Record<string, string>>,
    private port: number | undefined,
  ) {}

  /** With the schema of all libraries. */
  static async start(): Promise<OwnServer> {
    const one = new OwnServer(newFolder(), {}, undefined);
    await one.start();
    await one.query(`CREATE ROLE ${OWNER} LOGIN CREATEROLE PASSWORD '${PASSWORD}'`);
    await one.query(`CREATE DATABASE ${DATABASE} OWNER ${OWNER}`);
    const passwords = Object.fromEntries(APP_NAMES.map((app) => [app, PASSWORD]));
    await migrate({ url: one.address(OWNER), migrations: everyMigration(), passwords });
    return one;
  }

  /** On its last port, or in the place of another server. */
  async start(port = this.port): Promise<void> {
    this.server = await startPostgres({
      dataFolder: this.folder,
      password: PASSWORD,
      ...(port === undefined ? {} : { port }),
      settings: { wal_level: 'replica', shared_buffers: '16MB', max_connections: '60', ...this.settings },
    });
    this.port = this.server.port;
  }

  async stop(): Promise<void> {
    await this.server?.stop();
    this.server = null;
  }

  /** As it is now; this server must be stopped. */
  copy(as: CopyAs): OwnServer {
    const folder = newFolder();
    fs.mkdirSync(folder, { mode: 0o700 });
    execFileSync('cp', ['-a', path.join(this.folder, 'cluster'), folder]);
    const [signal, settings] =
      as === 'restored'
        ? // There is no archive to read from: recovery ends at once and begins a new timeline.
          (['recovery.signal', { restore_command: 'false' }] as const)
        : (['standby.signal', { primary_conninfo: as.standbyOf.forStandbys() }] as const);
    const file = path.join(folder, 'cluster', signal);
    fs.writeFileSync(file, '');
    const { uid, gid } = fs.statSync(path.join(folder, 'cluster'));
    fs.chownSync(file, uid, gid);
    return new OwnServer(folder, settings, undefined);
  }

  /** One statement in the database `postgres`, as a superuser. */
  async query<T extends Record<string, unknown>>(statement: string, database = 'postgres'): Promise<T[]> {
    const client = new Client({ connectionString: this.address(undefined, database) });
    await client.connect();
    try {
      return (await client.query<T>(statement)).rows;
    } finally {
      await client.end();
    }
  }

  get listensOn(): number {
    if (this.port === undefined) throw new Error('the server was never started');
    return this.port;
  }

  /** Its one database. It goes with the server. */
  get database(): TestDatabase {
    return {
      name: DATABASE,
      url: (app) => this.address(APP_ROLES[app]),
      ownerUrl: this.address(OWNER),
      superuserUrl: this.address(),
      drop: () => Promise.resolve(),
    };
  }

  /** Until it takes writes. */
  async endsRecovery(): Promise<void> {
    await this.until('SELECT NOT pg_is_in_recovery() AS is');
  }

  /** Until the server that it follows has nothing that it has not. */
  async hasCaughtUpWith(primary: OwnServer): Promise<void> {
    const [now] = await primary.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
    await this.until(`SELECT coalesce(pg_last_wal_replay_lsn() >= '${now?.lsn ?? '0/0'}', false) AS is`);
  }

  private async until(condition: string): Promise<void> {
    for (;;) {
      const [row] = await this.query<{ is: boolean }>(condition);
      if (row?.is === true) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private forStandbys(): string {
    return `host=127.0.0.1 port=${String(this.listensOn)} user=postgres password=${PASSWORD} application_name=standby`;
  }

  private address(role?: string, database = DATABASE): string {
    return `postgres://${role ?? 'postgres'}:${PASSWORD}@127.0.0.1:${String(this.listensOn)}/${database}`;
  }
}

const newFolder = (): string => path.join(testRun().folder, `own-server-${randomBytes(4).toString('hex')}`);
