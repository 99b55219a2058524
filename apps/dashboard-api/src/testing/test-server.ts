import { generateKeyPairSync } from 'node:crypto';

import { AssetsRepository } from '@libs/catalogue';
import { ledgerAccountReadyV1, type Role } from '@libs/contracts';
import { Outbox } from '@libs/eventing';
import {
  ApiKeysRepository,
  AuditLogRepository,
  PasswordHasher,
  type Permission,
  UsersRepository,
} from '@libs/identity';
import { fieldOf, ManualClock, newId } from '@libs/kernel';
import { FakeLedger } from '@libs/ledger';
import { httpMetrics, MetricsRegistry, silentLogger } from '@libs/observability';
import { Database, sealedFor, UnitOfWork, unsealText } from '@libs/persistence';
import { LedgerAccountRequestsRepository } from '@libs/tenants';
import { testDatabase, type TestDatabase } from '@libs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Client } from 'pg';

import { CatalogueUse } from '../catalogue/catalogue-use.read-model';
import { createOperatorServer, createStaffServer } from '../dashboard-api';
import type { Platform } from '../platform.module';
import { LedgerAccountReadyHandler } from '../provisioning/ledger-account-ready.handler';
import { LedgerAccounts } from '../provisioning/ledger-accounts.service';
import { Provisioning } from '../provisioning/provisioning.service';
import { readStaffSettings } from '../staff-settings';
import { DocumentedAnswers } from './documented-answers';

export const TEST_PASSWORD = 'Correct-horse-7';
/** The public key of a well-known account that nobody holds. */
export const TEST_ACCOUNT = 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when it is not JSON. */
  readonly body: unknown;
}

export interface CallOptions {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: string | FormData | Uint8Array<ArrayBuffer>;
  /** What is sent is wrong on purpose, and if it is accepted all the same it need not be documented. */
  readonly isWrong?: boolean;
}

export interface TestTenant {
  readonly id: string;
  readonly name: string;
}

interface ServerParts {
  readonly database: TestDatabase;
  readonly platform: Platform;
  readonly app: NestExpressApplication;
  readonly url: string;
  readonly logs: object[];
  readonly ledger: FakeLedger;
  readonly operator: NestExpressApplication;
  readonly operatorUrl: string;
}

/** The staff API on a database of its own, reached over HTTP as a browser would. */
export class TestServer {
  readonly database: TestDatabase;
  readonly platform: Platform;
  readonly app: NestExpressApplication;
  readonly url: string;
  readonly logs: object[];
  readonly ledger: FakeLedger;

  /** The operator's server, whose port is another one. */
  readonly operatorApp: NestExpressApplication;

  private constructor(private readonly parts: ServerParts) {
    this.operatorApp = parts.operator;
    ({
      database: this.database,
      platform: this.platform,
      app: this.app,
      url: this.url,
      logs: this.logs,
      ledger: this.ledger,
    } = parts);
  }

  static async start(
    environment: Readonly<Record<string, string>> = {},
    more: Pick<Platform, 'exportStallMs' | 'ledgerPatienceMs' | 'uploadStallMs'> = {},
  ): Promise<TestServer> {
    const database = await testDatabase();
    const settings = readStaffSettings({ ...environmentOf(database), ...environment });
    const connections = new Database({
      url: settings.DATABASE_URL,
      applicationName: 'dashboard-api test',
      connectionsMax: 6,
    });
    const ledger = new FakeLedger();
    ledger.fund(TEST_ACCOUNT, 1_000_0000000n);
    const logs: object[] = [];
    const log = (fields: object, message: string): void => {
      logs.push({ ...fields, message });
    };
    const platform: Platform = {
      settings,
      database: connections,
      unitOfWork: new UnitOfWork(connections),
      clock: new ManualClock(new Date()),
      outbox: new Outbox(),
      ledger: ledger.reader,
      logger: { ...silentLogger, warn: log, error: log },
      httpMetrics: httpMetrics(new MetricsRegistry()),
      ...more,
    };
    const app = await createStaffServer(platform);
    await app.listen(0, '127.0.0.1');
    const operator = await createOperatorServer(platform);
    await operator.listen(0, '127.0.0.1');
    const [url, operatorUrl] = [await app.getUrl(), await operator.getUrl()];
    return new TestServer({ database, platform, app, url, logs, ledger, operator, operatorUrl });
  }

  async stop(): Promise<void> {
    await Promise.all([this.app.close(), this.parts.operator.close()]);
    await this.platform.database.close();
    await this.database.drop();
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Reply> {
    return await this.send(`${this.url}${path}`, method, options);
  }

  /** As the operator, with HTTP Basic. */
  async operate(method: string, path: string, options: CallOptions = {}): Promise<Reply> {
    const { ADMIN_ACCOUNT: account, ADMIN_API_KEY: key } = this.platform.settings;
    const authorization = `Basic ${Buffer.from(`${account}:${key}`).toString('base64')}`;
    return await this.send(`${this.parts.operatorUrl}${path}`, method, {
      ...options,
      headers: { authorization, ...options.headers },
    });
  }

  /** What was asked of transaction-submission and not answered yet, oldest first. */
  async openLedgerRequests(): Promise<Record<string, unknown>[]> {
    return await this.sql('SELECT * FROM tenants.ledger_account_requests WHERE outcome IS NULL ORDER BY id');
  }

  /** Answers a request as transaction-submission would. */
  async answerLedgerRequest(
    request: Record<string, unknown>,
    answer: { readonly account?: string; readonly reason?: string },
  ): Promise<void> {
    const { tenant_id: tenantId, id, action } = request;
    const event = {
      id: newId(),
      topic: ledgerAccountReadyV1.topic,
      key: String(tenantId),
      tenant_id: String(tenantId),
      type:
        answer.reason === undefined ? ('ledger-account-done' as const) : ('ledger-account-refused' as const),
      version: 1,
      occurred_at: new Date().toISOString(),
      trace: '',
      data: ledgerAccountReadyV1.data.parse({
        request_id: id,
        action,
        account: answer.account ?? null,
        reason: answer.reason ?? null,
      }),
    };
    const handler = new LedgerAccountReadyHandler(
      new LedgerAccountRequestsRepository(),
      this.app.get(Provisioning, { strict: false }),
      new AssetsRepository(),
      new CatalogueUse(),
      new AuditLogRepository(),
      this.app.get(LedgerAccounts, { strict: false }),
    );
    const context = { tenantId: String(tenantId), actor: 'system:test', trace: '' };
    await this.platform.unitOfWork.run(context, (tx) => handler.handle(tx, event));
  }

  /** The text of the newest letter to staff, as messaging would send it; empty when there is none. */
  async newestLetter(): Promise<string> {
    const [row] = await this.sql(
      'SELECT tenant_id, id, body_sealed FROM messages.messages ORDER BY id DESC LIMIT 1',
    );
    const sealed = row?.['body_sealed'];
    if (row === undefined || !(sealed instanceof Uint8Array)) return '';
    const place = sealedFor(String(row['tenant_id']), 'messages.messages', String(row['id']));
    return unsealText(this.platform.settings.MESSAGE_ENCRYPTION_KEY, place, sealed);
  }

  /** The events that wait to be carried, as their topic and data. */
  async events(): Promise<{ topic: string; data: unknown }[]> {
    const rows = await this.sql('SELECT topic, value FROM eventing.outbox ORDER BY seq');
    return rows.map(({ topic, value }) => {
      const bytes = value instanceof Uint8Array ? value : new Uint8Array();
      const envelope: unknown = JSON.parse(Buffer.from(bytes).toString());
      return { topic: String(topic), data: fieldOf(envelope, 'data') };
    });
  }

  private async send(url: string, method: string, options: CallOptions): Promise<Reply> {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        ...(options.json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
        // An address per call, so that only the tests of the rate limit meet the rate limit.
        'x-forwarded-for': `10.${randomOctet()}.${randomOctet()}.${randomOctet()}`,
        ...options.headers,
      },
      ...(options.json === undefined ? {} : { body: JSON.stringify(options.json) }),
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    const text = await response.text();
    const reply = { status: response.status, headers: response.headers, text, body: parsed(text) };
    documented ??= new DocumentedAnswers();
    const mistake = documented.mistake({
      server: url.startsWith(this.parts.operatorUrl) ? 'operator' : 'staff',
      method,
      path: new URL(url).pathname,
      sent: options.isWrong === true ? undefined : options.json,
      status: reply.status,
      contentType: reply.headers.get('content-type') ?? '',
      body: reply.body,
    });
    if (mistake !== null) throw new Error(`not as docs/openapi.json says: ${mistake}`);
    return reply;
  }

  /** A provisioned tenant, written as a superuser: provisioning has tests of its own. */
  async tenant(name: string): Promise<TestTenant> {
    const id = newId();
    await this.sql(
      `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, status, distribution_account_type, distribution_account_address)
       VALUES ($1, $2, $3, $4, 'PROVISIONED', 'DISTRIBUTION_ACCOUNT.STELLAR.ENV', $5)`,
      [id, name, `http://${name}.pay.test`, `http://${name}.staff.test`, TEST_ACCOUNT],
    );
    await this.sql(`INSERT INTO tenants.organizations (tenant_id, name) VALUES ($1, $2)`, [
      id,
      `${name} aid`,
    ]);
    return { id, name };
  }

  async user(tenant: TestTenant, role: Role): Promise<{ id: string; email: string }> {
    const email = `${role}.${newId()}@${tenant.name}.test`;
    const context = { tenantId: tenant.id, actor: 'system:test', trace: '' };
    testPasswordHash ??= await new PasswordHasher().hash(TEST_PASSWORD);
    const passwordHash = testPasswordHash;
    const id = await this.platform.unitOfWork.run(context, (tx) =>
      new UsersRepository().add(tx, {
        email,
        firstName: 'First',
        lastName: 'Last',
        roles: [role],
        isOwner: role === 'owner',
        passwordHash,
      }),
    );
    if (id === null) throw new Error('the e-mail address is taken');
    return { id, email };
  }

  async login(tenant: TestTenant, email: string): Promise<string> {
    return (await this.signIn(tenant, email)).token;
  }

  /** Signs in with more than e-mail and password, or from somewhere, and returns the tokens. */
  async signIn(
    tenant: TestTenant,
    email: string,
    more: Pick<CallOptions, 'headers'> = {},
  ): Promise<{ readonly token: string; readonly refreshToken: string }> {
    const reply = await this.call('POST', '/login', {
      headers: { 'SDP-Tenant-Name': tenant.name, ...more.headers },
      json: { email, password: TEST_PASSWORD, refresh_in_body: true },
    });
    const [token, refreshToken] = [fieldOf(reply.body, 'token'), fieldOf(reply.body, 'refresh_token')];
    if (typeof token !== 'string' || typeof refreshToken !== 'string') {
      throw new Error(`no token: ${String(reply.status)} ${reply.text}`);
    }
    return { token, refreshToken };
  }

  /** A signed-in person with this role. */
  async tokenFor(tenant: TestTenant, role: Role): Promise<string> {
    return await this.login(tenant, (await this.user(tenant, role)).email);
  }

  /** The text of a new API key of this person. */
  async apiKey(
    tenant: TestTenant,
    key: { readonly createdBy: string; readonly permissions: readonly Permission[] },
  ): Promise<string> {
    const context = { tenantId: tenant.id, actor: 'system:test', trace: '' };
    const made = await this.platform.unitOfWork.run(context, (tx) =>
      new ApiKeysRepository().add(tx, { name: 'a key', allowedIps: [], expiresAt: null, ...key }),
    );
    return made.text;
  }

  /** Until a database transaction waits for a lock of another one. */
  async waitsForLock(): Promise<void> {
    for (;;) {
      const waiting = await this.sql(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      if (waiting.length > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** For tests of plans: who is connected already does not tell its own. Waits until the app knows, as its next call would get a connection that is gone. */
  async connectAnew(): Promise<void> {
    const { pool } = this.platform.database;
    let left = pool.totalCount;
    pool.on('remove', () => (left -= 1));
    await this.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = 'distributary_dashboard_api'`,
    );
    const deadline = Date.now() + 5_000;
    while (left > 0 && Date.now() < deadline) await new Promise((resume) => setTimeout(resume, 5));
  }

  /** As a superuser, past row-level security: to prepare rows and to look at the result. */
  async sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.database.superuserUrl });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text, values)).rows;
    } finally {
      await client.end();
    }
  }
}

let testPasswordHash: string | undefined;
let documented: DocumentedAnswers | undefined;

const randomOctet = (): string => String(Math.floor(Math.random() * 254) + 1);

const parsed = (text: string): unknown => {
  try {
    const body: unknown = JSON.parse(text);
    return body;
  } catch {
    return undefined;
  }
};

function environmentOf(database: TestDatabase): Record<string, string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    DATABASE_URL: database.url('dashboardApi'),
    NETWORK_PASSPHRASE: 'Distributary Test ; 2026',
    HORIZON_URL: 'http://127.0.0.1:9',
    PORT: '0',
    TRUSTED_PROXY_HOPS: '1',
    BASE_URL: 'http://pay.test',
    SDP_UI_BASE_URL: 'http://staff.test',
    EC256_PRIVATE_KEY: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    ADMIN_ACCOUNT: 'operator',
    ADMIN_API_KEY: 'operator-password',
    DISABLE_MFA: 'true',
    DISABLE_RECAPTCHA: 'true',
    DISTRIBUTION_PUBLIC_KEY: TEST_ACCOUNT,
    CLIENT_DOMAIN_ALLOW_PRIVATE: 'true',
    VERIFICATION_PEPPER: '11'.repeat(32),
    MESSAGE_ENCRYPTION_KEY: '22'.repeat(32),
  };
}
