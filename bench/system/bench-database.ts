import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { type RunningPostgres, startPostgres } from '@libs/embedded-postgres';
import { APP_NAMES, APP_ROLES, type AppName, migrate } from '@libs/persistence';
import { Client } from 'pg';

import { ALL_MIGRATIONS } from '../../tools/migrate/migrations';
import { cpuMsOf } from './cpu-time';

/** A PostgreSQL of its own with the whole schema. It writes to disk as in production. */
export class BenchDatabase {
  private constructor(
    private readonly folder: string,
    private readonly postgres: RunningPostgres,
    private readonly password: string,
    /** As a superuser, past all policies: for setting up and for checking. */
    readonly sql: Client,
  ) {}

  static async start(): Promise<BenchDatabase> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'distributary-bench-'));
    // The server's user must be able to walk through the folder that mkdtemp made for us alone.
    fs.chmodSync(folder, 0o711);
    const password = randomBytes(12).toString('hex');
    const postgres = await startPostgres({
      dataFolder: path.join(folder, 'postgres'),
      password,
      settings: { shared_preload_libraries: 'pg_stat_statements' },
    });
    const passwords = Object.fromEntries(APP_NAMES.map((app) => [app, password]));
    await migrate({ url: postgres.superuserUrl, migrations: ALL_MIGRATIONS, passwords });
    const sql = new Client({ connectionString: postgres.superuserUrl });
    await sql.connect();
    await sql.query('CREATE EXTENSION pg_stat_statements');
    return new BenchDatabase(folder, postgres, password, sql);
  }

  get superuserUrl(): string {
    return this.postgres.superuserUrl;
  }

  urlOf(app: AppName): string {
    const url = new URL(this.postgres.superuserUrl);
    url.username = APP_ROLES[app];
    url.password = this.password;
    return url.href;
  }

  /** Of the server and all its sessions, so far. */
  cpuMs(): number {
    return cpuMsOf(this.postgres.pid);
  }

  async one(text: string, values: readonly unknown[] = []): Promise<Readonly<Record<string, string>>> {
    const { rows } = await this.sql.query<Record<string, string>>(text, [...values]);
    return rows[0] ?? {};
  }

  /** The statements that took the most time since the last reset, for whoever looks for what is dear. */
  async dearest(count: number): Promise<readonly string[]> {
    const { rows } = await this.sql.query<{ line: string }>(
      `SELECT format('%s ms in %s calls, %s rows: %s', round(total_exec_time::numeric, 0), calls, rows,
                     left(regexp_replace(query, '\\s+', ' ', 'g'), 200)) AS line
         FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT $1`,
      [count],
    );
    return rows.map(({ line }) => line);
  }

  async stop(): Promise<void> {
    await this.sql.end();
    await this.postgres.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
