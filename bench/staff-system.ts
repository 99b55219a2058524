import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

import { PasswordHasher } from '@libs/identity';
import { newId } from '@libs/kernel';
import { type Client } from 'pg';

import { mustBe } from './benchmark';
import { BenchDatabase } from './system/bench-database';
import { Child } from './system/child-process';
import { CleanUp } from './system/clean-up';
import { checkInvariants } from './system/invariants';

const TENANT = 'bench';
const EMAIL = 'owner@bench.example';
const PASSWORD = 'Correct-horse-7';
/** What the organisation pays from, and where. */
export interface BenchLedger {
  readonly horizonUrl: string;
  readonly passphrase: string;
  readonly account: string;
}

const NO_LEDGER: BenchLedger = {
  passphrase: 'Benchmark without a ledger',
  // Nobody listens there: an upload asks nothing of the ledger.
  horizonUrl: 'http://127.0.0.1:9',
  account: 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7',
};
const PUBLISHED_LOOK_MS = 50;
let calls = 0;
/** Each look comes from another address, so that the limit per address is not met. */
const addressOfCall = (): string => `10.11.${String((calls >> 8) & 255)}.${String(calls++ & 255)}`;
const APP = 'apps/dashboard-api/src/main.js';

/** The organisation of a benchmark, with one asset, one wallet provider and its owner. */
export interface Organisation {
  readonly tenantId: string;
  readonly assetId: string;
  readonly walletId: string;
  readonly userId: string;
}

/** Younger than the quarter of an hour that a token is good for, by what its holder still does with it. */
const TOKEN_AGE_MS_MAX = 5 * 60_000;

/** The staff API as its own process on a PostgreSQL of its own that writes to disk as in production. */
export class StaffSystem {
  private signedIn = { token: '', at: -Infinity };

  private constructor(
    private readonly cleanUp: CleanUp,
    private readonly database: BenchDatabase,
    private readonly app: Child,
    readonly url: string,
    readonly organisation: Organisation,
  ) {}

  static async start(profileFolder: string | null, ledger: BenchLedger = NO_LEDGER): Promise<StaffSystem> {
    const cleanUp = new CleanUp();
    try {
      const database = await BenchDatabase.start();
      cleanUp.add(() => database.stop());
      const organisation = await addOrganisation(database.sql, ledger.account);
      const app = Child.spawn({
        name: 'dashboard-api',
        script: APP,
        environment: environmentFor(database.urlOf('dashboardApi'), ledger),
        profileFolder,
      });
      cleanUp.add(() => app.stop());
      const url = await app.said(({ message, staff }) =>
        String(message).includes('dashboard-api serves') && typeof staff === 'string' ? staff : undefined,
      );
      const system = new StaffSystem(cleanUp, database, app, url, organisation);
      // Here, so that nothing is left running where nobody can sign in.
      await system.token();
      return system;
    } catch (error) {
      await cleanUp.run();
      throw error;
    }
  }

  get postgres(): BenchDatabase {
    return this.database;
  }

  get sql(): Client {
    return this.database.sql;
  }

  /** Of the owner, good for ten minutes at least: work on a million people takes longer than any token is good for. */
  async token(): Promise<string> {
    if (performance.now() - this.signedIn.at > TOKEN_AGE_MS_MAX) {
      const at = performance.now();
      this.signedIn = { token: await login(this.url), at };
    }
    return this.signedIn.token;
  }

  get appPid(): number {
    return this.app.pid;
  }

  postgresCpuMs(): number {
    return this.database.cpuMs();
  }

  /** The statements that took the most time since the start. */
  async dearest(count: number): Promise<readonly string[]> {
    return await this.database.dearest(count);
  }

  get databaseUrl(): string {
    return this.database.superuserUrl;
  }

  /** So many more people of the organisation, numbered from 0, with the owner's password. */
  async addColleagues(count: number): Promise<void> {
    await this.sql.query(
      `INSERT INTO identity.users (tenant_id, id, email, password_hash, first_name, last_name, roles, is_owner)
       SELECT tenant_id, uuidv7(), 'colleague-' || n || '@bench.example', password_hash, 'Cora', 'Colleague', '{business}', false
         FROM identity.users CROSS JOIN generate_series(0, $1::int - 1) AS n WHERE is_owner`,
      [count],
    );
  }

  /** Signs a colleague in, and returns the token. */
  async signIn(colleague: number): Promise<string> {
    return await login(this.url, {
      email: `colleague-${String(colleague)}@bench.example`,
      address: `10.9.${String(colleague >> 8)}.${String(colleague & 255)}`,
    });
  }

  /** The id of a new disbursement that waits for its file. */
  async createDisbursement(): Promise<string> {
    return await this.createdFrom(this.newDisbursement());
  }

  /** The same for a file that brings the address of each person. */
  async createDisbursementByAddress(): Promise<string> {
    const { assetId } = this.organisation;
    return await this.createdFrom({
      ...{ name: newId(), asset_id: assetId, registration_contact_type: 'PHONE_NUMBER_AND_WALLET_ADDRESS' },
    });
  }

  private async createdFrom(fields: Record<string, string>): Promise<string> {
    return await this.created(JSON.stringify(fields), { 'content-type': 'application/json' });
  }

  /** The id of a new disbursement that came with its file, which is published. */
  async create(content: string): Promise<string> {
    const form = new FormData();
    form.set('data', JSON.stringify(this.newDisbursement()));
    form.set('file', new Blob([content], { type: 'text/csv' }), 'people.csv');
    return await this.created(form, {});
  }

  private newDisbursement(): Record<string, string> {
    const { assetId, walletId } = this.organisation;
    return {
      ...{ name: newId(), asset_id: assetId, wallet_id: walletId },
      ...{ registration_contact_type: 'PHONE_NUMBER', verification_field: 'DATE_OF_BIRTH' },
    };
  }

  private async created(body: string | FormData, headers: Record<string, string>): Promise<string> {
    const token = await this.token();
    const response = await fetch(`${this.url}/disbursements`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, ...headers },
      body,
    });
    const answer: unknown = await response.json();
    if (response.status !== 201) throw new Error(`no disbursement: ${JSON.stringify(answer)}`);
    return String(Reflect.get(Object(answer), 'id'));
  }

  /** Milliseconds from the request until the file is published: its answer, or the end of its job. */
  async upload(disbursementId: string, content: string): Promise<number> {
    const { startedAt, status, answer } = await this.send(disbursementId, content);
    if (status === 202) mustBe('the end of an upload', await this.endOf(disbursementId), 'PUBLISHED');
    const milliseconds = performance.now() - startedAt;
    if (status !== 200 && status !== 202) throw new Error(`the upload was refused: ${answer.slice(0, 1000)}`);
    return milliseconds;
  }

  /** Milliseconds until a file is refused, and how many of its rows are wrong by themselves. */
  async refused(
    disbursementId: string,
    content: string,
  ): Promise<{ readonly milliseconds: number; readonly mistakes: number }> {
    const { startedAt, status, answer } = await this.send(disbursementId, content);
    if (status !== 202 && status !== 400) throw new Error(`not a refusal: ${answer.slice(0, 1000)}`);
    // A large file is accepted, and its job tells that it is refused.
    if (status === 202) await this.endOf(disbursementId);
    const milliseconds = performance.now() - startedAt;
    const { rows } = await this.sql.query<{ state: string; rows_wrong: number }>(
      'SELECT state, rows_wrong FROM disbursements.upload_jobs WHERE disbursement_id = $1 ORDER BY started_at DESC LIMIT 1',
      [disbursementId],
    );
    mustBe('the state of a wrong file', rows[0]?.state, 'REFUSED');
    return { milliseconds, mistakes: rows[0]?.rows_wrong ?? 0 };
  }

  private async send(
    disbursementId: string,
    content: string,
  ): Promise<{ readonly startedAt: number; readonly status: number; readonly answer: string }> {
    const { contentType, body } = formOf(content);
    const token = await this.token();
    const startedAt = performance.now();
    const response = await fetch(`${this.url}/disbursements/${disbursementId}/instructions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': contentType,
        'X-Forwarded-For': addressOfCall(),
      },
      body,
    });
    return { startedAt, status: response.status, answer: await response.text() };
  }

  /** The table of everything that is wrong in the newest file. */
  async errorsOf(disbursementId: string): Promise<Readable> {
    const token = await this.token();
    const response = await fetch(`${this.url}/disbursements/${disbursementId}/upload/errors`, {
      headers: { authorization: `Bearer ${token}`, 'X-Forwarded-For': addressOfCall() },
    });
    if (response.status !== 200 || response.body === null)
      throw new Error(`no table of what is wrong: ${(await response.text()).slice(0, 1000)}`);
    return Readable.fromWeb(response.body);
  }

  /** The state in which an upload ends that goes on behind its answer. */
  private async endOf(disbursementId: string): Promise<string> {
    for (;;) {
      const token = await this.token();
      const response = await fetch(`${this.url}/disbursements/${disbursementId}/upload`, {
        headers: { authorization: `Bearer ${token}`, 'X-Forwarded-For': addressOfCall() },
      });
      const body: unknown = await response.json();
      const state: unknown = Reflect.get(Object(body), 'state');
      if (state === 'PUBLISHED' || state === 'REFUSED' || state === 'LOST') return state;
      if (response.status !== 200)
        throw new Error(`an upload tells nothing of itself: ${JSON.stringify(body).slice(0, 1000)}`);
      await new Promise((resolve) => setTimeout(resolve, PUBLISHED_LOOK_MS));
    }
  }

  /** Milliseconds until the deletion of a draft is answered. */
  async delete(disbursementId: string): Promise<number> {
    const token = await this.token();
    const startedAt = performance.now();
    const response = await fetch(`${this.url}/disbursements/${disbursementId}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` },
    });
    const answer = await response.text();
    const milliseconds = performance.now() - startedAt;
    if (response.status !== 200) throw new Error(`the disbursement is not deleted: ${answer}`);
    return milliseconds;
  }

  /** Milliseconds until the start (or the pause) of a disbursement is answered. */
  async setStatus(disbursementId: string, status: 'STARTED' | 'PAUSED'): Promise<number> {
    const token = await this.token();
    const startedAt = performance.now();
    const response = await fetch(`${this.url}/disbursements/${disbursementId}/status`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ status }),
    });
    const answer = await response.text();
    const milliseconds = performance.now() - startedAt;
    if (response.status !== 200) throw new Error(`the disbursement is not ${status}: ${answer}`);
    return milliseconds;
  }

  /** Throws when anything in the database is as it must never be. */
  async checkInvariants(): Promise<void> {
    await checkInvariants(this.database);
  }

  async stop(): Promise<void> {
    await this.cleanUp.run();
  }
}

/** A form with a file, ready to be sent: what it takes to write one is the sender's, and not measured. */
function formOf(content: string): { readonly contentType: string; readonly body: Uint8Array<ArrayBuffer> } {
  const boundary = newId();
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\nContent-Type: text/csv\r\n\r\n`;
  const body = Buffer.from(`${head}${content}\r\n--${boundary}--\r\n`);
  return { contentType: `multipart/form-data; boundary=${boundary}`, body };
}

async function addOrganisation(sql: Client, account: string): Promise<Organisation> {
  const [tenantId, assetId, walletId, userId] = [newId(), newId(), newId(), newId()];
  await sql.query(
    `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, status, distribution_account_type, distribution_account_address)
     VALUES ($1, $2, 'http://pay.example', 'http://staff.example', 'PROVISIONED', 'DISTRIBUTION_ACCOUNT.STELLAR.ENV', $3)`,
    [tenantId, TENANT, account],
  );
  await sql.query(`INSERT INTO tenants.organizations (tenant_id, name) VALUES ($1, 'Bench aid')`, [tenantId]);
  await sql.query(`INSERT INTO catalogue.assets (tenant_id, id, code, issuer) VALUES ($1, $2, 'XLM', '')`, [
    tenantId,
    assetId,
  ]);
  await sql.query(
    `INSERT INTO catalogue.wallets (tenant_id, id, name, homepage, deep_link_schema, sep_10_client_domain, user_managed)
     VALUES ($1, $2, 'Kite', 'https://kite.example', 'kite://pay', 'kite.example', false),
            ($1, $3, 'Own address', 'https://own.example', 'own://none', '', true)`,
    [tenantId, walletId, newId()],
  );
  await sql.query(
    `INSERT INTO identity.users (tenant_id, id, email, password_hash, first_name, last_name, roles, is_owner)
     VALUES ($1, $2, $3, $4, 'Olive', 'Owner', '{owner}', true)`,
    [tenantId, userId, EMAIL, await new PasswordHasher().hash(PASSWORD)],
  );
  return { tenantId, assetId, walletId, userId };
}

function environmentFor(databaseUrl: string, ledger: BenchLedger): Record<string, string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    DATABASE_URL: databaseUrl,
    NETWORK_PASSPHRASE: ledger.passphrase,
    HORIZON_URL: ledger.horizonUrl,
    PORT: '0',
    ADMIN_PORT: '0',
    METRICS_PORT: '0',
    BIND_HOST: '127.0.0.1',
    // Each request of a benchmark comes from another address, so that the limit per address is worked for and not met.
    TRUSTED_PROXY_HOPS: '1',
    BASE_URL: 'http://pay.example',
    SDP_UI_BASE_URL: 'http://staff.example',
    EC256_PRIVATE_KEY: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    ADMIN_ACCOUNT: 'operator',
    ADMIN_API_KEY: randomBytes(16).toString('hex'),
    DISABLE_MFA: 'true',
    DISABLE_RECAPTCHA: 'true',
    DISTRIBUTION_PUBLIC_KEY: ledger.account,
    VERIFICATION_PEPPER: randomBytes(32).toString('hex'),
    MESSAGE_ENCRYPTION_KEY: randomBytes(32).toString('hex'),
  };
}

async function login(
  url: string,
  { email, address } = { email: EMAIL, address: '10.10.10.10' },
): Promise<string> {
  const response = await fetch(`${url}/login`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'SDP-Tenant-Name': TENANT,
      'X-Forwarded-For': address,
    },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  const body: unknown = await response.json();
  const token: unknown = Reflect.get(Object(body), 'token');
  if (typeof token !== 'string') throw new Error(`no token: ${JSON.stringify(body)}`);
  return token;
}
