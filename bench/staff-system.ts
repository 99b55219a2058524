import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { type RunningPostgres, startPostgres } from '@libs/embedded-postgres';
import { PasswordHasher } from '@libs/identity';
import { newId } from '@libs/kernel';
import { APP_NAMES, APP_ROLES, migrate } from '@libs/persistence';
import { Client } from 'pg';

import { ALL_MIGRATIONS } from '../tools/migrate/migrations';

const TENANT = 'bench';
const EMAIL = 'owner@bench.example';
const PASSWORD = 'Correct-horse-7';
const ACCOUNT = 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7';
const APP = path.join(__dirname, '..', 'apps', 'dashboard-api', 'src', 'main.js');

/** The staff API as its own process on a PostgreSQL of its own that writes to disk as in production. */
export class StaffSystem {
  private constructor(
    private readonly folder: string,
    private readonly postgres: RunningPostgres,
    private readonly app: ChildProcess,
    private readonly url: string,
    readonly sql: Client,
    private readonly session: { token: string; assetId: string; walletId: string },
  ) {}

  static async start(): Promise<StaffSystem> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'distributary-bench-'));
    // The server's user must be able to walk through the folder that mkdtemp made for us alone.
    fs.chmodSync(folder, 0o711);
    const password = randomBytes(12).toString('hex');
    const postgres = await startPostgres({ dataFolder: path.join(folder, 'postgres'), password });
    const passwords = Object.fromEntries(APP_NAMES.map((app) => [app, password]));
    await migrate({ url: postgres.superuserUrl, migrations: ALL_MIGRATIONS, passwords });
    const sql = new Client({ connectionString: postgres.superuserUrl });
    await sql.connect();
    const ids = await addOrganisation(sql);
    const app = spawn(process.execPath, [APP], {
      env: environmentFor(postgres, password),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = await addressOf(app);
    const token = await login(url);
    const system = new StaffSystem(folder, postgres, app, url, sql, { token, ...ids });
    system.endOnInterrupt();
    return system;
  }

  get databaseUrl(): string {
    return this.postgres.superuserUrl;
  }

  /** The id of a new disbursement that waits for its file. */
  async createDisbursement(): Promise<string> {
    const { token, assetId, walletId } = this.session;
    const response = await fetch(`${this.url}/disbursements`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        name: newId(),
        asset_id: assetId,
        wallet_id: walletId,
        registration_contact_type: 'PHONE_NUMBER',
        verification_field: 'DATE_OF_BIRTH',
      }),
    });
    const body: unknown = await response.json();
    if (response.status !== 201) throw new Error(`no disbursement: ${JSON.stringify(body)}`);
    return String(Reflect.get(Object(body), 'id'));
  }

  /** Milliseconds from the request to its whole answer. */
  async upload(disbursementId: string, content: string): Promise<number> {
    const body = new FormData();
    body.set('file', new Blob([content], { type: 'text/csv' }), 'people.csv');
    const startedAt = performance.now();
    const response = await fetch(`${this.url}/disbursements/${disbursementId}/instructions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.session.token}` },
      body,
    });
    const answer = await response.text();
    const milliseconds = performance.now() - startedAt;
    if (response.status !== 200) throw new Error(`the upload was refused: ${answer.slice(0, 1000)}`);
    return milliseconds;
  }

  /** PostgreSQL is in a process group of its own, so that Ctrl-C does not reach it. */
  private endOnInterrupt(): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void this.stop().finally(() => process.exit(130)));
    }
  }

  async stop(): Promise<void> {
    await this.sql.end();
    if (this.app.exitCode === null && this.app.signalCode === null) {
      const ended = new Promise((resolve) => this.app.once('exit', resolve));
      this.app.kill('SIGTERM');
      await ended;
    }
    await this.postgres.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

async function addOrganisation(sql: Client): Promise<{ assetId: string; walletId: string }> {
  const [tenantId, assetId, walletId] = [newId(), newId(), newId()];
  await sql.query(
    `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, status, distribution_account_type, distribution_account_address)
     VALUES ($1, $2, 'http://pay.example', 'http://staff.example', 'PROVISIONED', 'DISTRIBUTION_ACCOUNT.STELLAR.ENV', $3)`,
    [tenantId, TENANT, ACCOUNT],
  );
  await sql.query(`INSERT INTO tenants.organizations (tenant_id, name) VALUES ($1, 'Bench aid')`, [tenantId]);
  await sql.query(`INSERT INTO catalogue.assets (tenant_id, id, code, issuer) VALUES ($1, $2, 'XLM', '')`, [
    tenantId,
    assetId,
  ]);
  await sql.query(
    `INSERT INTO catalogue.wallets (tenant_id, id, name, homepage, deep_link_schema, sep_10_client_domain)
     VALUES ($1, $2, 'Kite', 'https://kite.example', 'kite://pay', 'kite.example')`,
    [tenantId, walletId],
  );
  await sql.query(
    `INSERT INTO identity.users (tenant_id, id, email, password_hash, first_name, last_name, roles, is_owner)
     VALUES ($1, $2, $3, $4, 'Olive', 'Owner', '{owner}', true)`,
    [tenantId, newId(), EMAIL, await new PasswordHasher().hash(PASSWORD)],
  );
  return { assetId, walletId };
}

function environmentFor(postgres: RunningPostgres, password: string): Record<string, string> {
  const url = new URL(postgres.superuserUrl);
  url.username = APP_ROLES.dashboardApi;
  url.password = password;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    DATABASE_URL: url.href,
    NETWORK_PASSPHRASE: 'Benchmark without a ledger',
    // Nobody listens there: an upload asks nothing of the ledger.
    HORIZON_URL: 'http://127.0.0.1:9',
    PORT: '0',
    ADMIN_PORT: '0',
    METRICS_PORT: '0',
    BIND_HOST: '127.0.0.1',
    BASE_URL: 'http://pay.example',
    SDP_UI_BASE_URL: 'http://staff.example',
    EC256_PRIVATE_KEY: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    ADMIN_ACCOUNT: 'operator',
    ADMIN_API_KEY: randomBytes(16).toString('hex'),
    DISABLE_MFA: 'true',
    DISABLE_RECAPTCHA: 'true',
    DISTRIBUTION_PUBLIC_KEY: ACCOUNT,
    VERIFICATION_PEPPER: randomBytes(32).toString('hex'),
    MESSAGE_ENCRYPTION_KEY: randomBytes(32).toString('hex'),
  };
}

/** Read from the line of the log that says where it serves; what it logs later is thrown away. */
async function addressOf(app: ChildProcess): Promise<string> {
  let seen = '';
  for await (const chunk of app.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    seen += String(chunk);
    const line = seen.split('\n').find((one) => one.includes('dashboard-api serves') && one.endsWith('}'));
    if (line === undefined) continue;
    app.stdout?.resume();
    const fields: unknown = JSON.parse(line);
    return String(Reflect.get(Object(fields), 'staff'));
  }
  throw new Error(`dashboard-api did not start: ${seen}`);
}

async function login(url: string): Promise<string> {
  const response = await fetch(`${url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'SDP-Tenant-Name': TENANT },
    body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
  });
  const body: unknown = await response.json();
  const token: unknown = Reflect.get(Object(body), 'token');
  if (typeof token !== 'string') throw new Error(`no token: ${JSON.stringify(body)}`);
  return token;
}
