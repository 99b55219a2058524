import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { PostgresError, type RunningPostgres, startPostgres } from '@libs/embedded-postgres';
import { APP_NAMES, APP_ROLES, migrate } from '@libs/persistence';
import { Client } from 'pg';

import { ALL_MIGRATIONS } from '../../../../../tools/migrate/migrations';

type AppName = (typeof APP_NAMES)[number];

const DATABASE = 'kill_rounds';
const RESTART_EVERY_MS = 100;
const RESTART_MAX_MS = 30_000;

/** A PostgreSQL that may be killed: what it has committed survives that, as in production. */
export class OwnDatabase {
  private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'distributary-kill-rounds-'));
  private readonly password = randomBytes(12).toString('hex');
  private server: RunningPostgres | null = null;

  static async start(): Promise<OwnDatabase> {
    const database = new OwnDatabase();
    // The server's user must be able to walk through the folder that mkdtemp made for us alone.
    fs.chmodSync(database.folder, 0o711);
    await database.startServer();
    const client = new Client({ connectionString: database.running.superuserUrl });
    await client.connect();
    await client.query(`CREATE DATABASE ${DATABASE}`);
    await client.end();
    const passwords = Object.fromEntries(APP_NAMES.map((app) => [app, database.password]));
    await migrate({ url: database.superuserUrl, migrations: ALL_MIGRATIONS, passwords });
    return database;
  }

  get superuserUrl(): string {
    const url = new URL(this.running.superuserUrl);
    url.pathname = `/${DATABASE}`;
    return url.href;
  }

  url(app: AppName): string {
    const url = new URL(this.superuserUrl);
    url.username = APP_ROLES[app];
    url.password = this.password;
    return url.href;
  }

  /** kill −9 of the server, and a new one that recovers from what is on disk. */
  async killAndRestart(): Promise<void> {
    const { exited, pid } = this.running;
    process.kill(pid, 'SIGKILL');
    await exited;
    for (const since = performance.now(); ;) {
      try {
        await this.startServer();
        return;
      } catch (error) {
        // Its sessions hold the memory that they shared until each has noticed that the server is gone.
        if (!(error instanceof PostgresError) || performance.now() - since > RESTART_MAX_MS) throw error;
        await new Promise((resolve) => setTimeout(resolve, RESTART_EVERY_MS));
      }
    }
  }

  async stop(): Promise<void> {
    await this.server?.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private get running(): RunningPostgres {
    if (this.server === null) throw new Error('PostgreSQL does not run');
    return this.server;
  }

  private async startServer(): Promise<void> {
    const port = this.server?.port;
    this.server = await startPostgres({
      dataFolder: path.join(this.folder, 'postgres'),
      password: this.password,
      durable: false,
      // A kill must lose nothing that was committed; only a power cut may be worse here than in production.
      settings: { synchronous_commit: 'on', full_page_writes: 'on', shared_buffers: '64MB' },
      ...(port === undefined ? {} : { port }),
    });
  }
}
