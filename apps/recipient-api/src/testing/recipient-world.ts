import { newId } from '@libs/kernel';
import { FakeLedger, type LedgerAccount, type LedgerKey } from '@libs/ledger';
import { ledgerKeyOf, signChallenge } from '@libs/ledger-stellar/web-auth';
import { httpMetrics, MetricsRegistry, silentLogger } from '@libs/observability';
import { Database, sealedFor, unsealText } from '@libs/persistence';
import { bindToReceiver, hashVerificationValue, type VerificationValue } from '@libs/receivers';
import { type SeenPlan, seePlans, tellPlans, testDatabase, type TestDatabase } from '@libs/testing';
import { Keypair } from '@stellar/stellar-sdk/base';
import { randomBytes, randomInt } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'pg';

import { createRecipientServer } from '../recipient-api';
import { readRecipientSettings } from '../recipient-settings';
import { RegistrationReports } from '../registration/registration-reports';
import { SystemClock } from '../system-clock';

export const PASSPHRASE = 'Standalone Network ; February 2017';
export const newKey = (): LedgerKey => ledgerKeyOf(Keypair.random().secret());

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** The body as JSON, loosely: tests compare it with `toEqual` and `toMatchObject`. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface TestTenant {
  readonly id: string;
  readonly name: string;
  readonly walletId: string;
  readonly assetId: string;
}

export interface TestPerson {
  readonly receiverId: string;
  readonly receiverWalletId: string;
  readonly phoneNumber: string;
  readonly paymentId: string;
}

export const BIRTHDAY = '1990-01-30';
const ISSUER = Keypair.random().publicKey();

/** A running recipient-api on a database of its own, a wallet's domain, and two organisations' worth of helpers. */
export class RecipientWorld {
  readonly ledgerAccounts = new Map<string, LedgerAccount>();
  readonly serverKey = newKey();
  readonly walletKey = newKey();
  private readonly pepper = randomBytes(32);
  private readonly messageKey = randomBytes(32);
  private closers: (() => Promise<unknown>)[] = [];
  private origin = '';
  private nextAddress = 1;
  private clientDomainText = '';
  /** How often the wallet's domain was asked for its stellar.toml. */
  fetched = 0;
  /** What the app's statements did, in a world that was started with `plans`. */
  seen: readonly SeenPlan[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly superuser: Pool,
  ) {}

  static async start(
    overrides: Readonly<Record<string, string>> = {},
    { plans = false } = {},
  ): Promise<RecipientWorld> {
    const database = await testDatabase();
    if (plans) await tellPlans(database, 'recipientApi');
    const superuser = new Pool({ connectionString: database.superuserUrl, max: 4 });
    const world = new RecipientWorld(database, superuser);
    try {
      await world.listen(overrides);
    } catch (error) {
      await world.close();
      throw error;
    }
    return world;
  }

  get clientDomain(): string {
    return this.clientDomainText;
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close();
    await this.superuser.end();
    await this.database.drop();
  }

  private async listen(overrides: Readonly<Record<string, string>>): Promise<void> {
    const toml = `SIGNING_KEY = "${this.walletKey.address}"\n`;
    const wallet = http.createServer((request, response) => {
      this.fetched += 1;
      response.statusCode = request.url === '/.well-known/stellar.toml' ? 200 : 404;
      response.end(toml);
    });
    await new Promise<void>((resolve) => wallet.listen(0, '127.0.0.1', resolve));
    this.closers = [() => new Promise((resolve) => wallet.close(resolve))];
    this.clientDomainText = `127.0.0.1:${String(portOf(wallet.address()))}`;
    const settings = readRecipientSettings({
      DATABASE_URL: this.database.url('recipientApi'),
      NETWORK_PASSPHRASE: PASSPHRASE,
      HORIZON_URL: 'http://horizon.test:8010',
      BASE_URL: 'http://pay.test',
      SEP10_SIGNING_PRIVATE_KEY: Keypair.fromRawEd25519Seed(Buffer.from(this.serverKey.seed)).secret(),
      SEP24_JWT_SECRET: randomBytes(32).toString('hex'),
      CLIENT_DOMAIN_ALLOW_PRIVATE: 'true',
      VERIFICATION_PEPPER: this.pepper.toString('hex'),
      MESSAGE_ENCRYPTION_KEY: this.messageKey.toString('hex'),
      TRUSTED_PROXY_HOPS: '1',
      DISABLE_RECAPTCHA: 'true',
      ...overrides,
    });
    const database = new Database({
      url: settings.DATABASE_URL,
      applicationName: 'test recipient-api',
      connectionsMax: settings.DATABASE_CONNECTIONS_MAX,
    });
    this.seen = seePlans(database);
    const { reader } = new FakeLedger();
    reader.account = (address) => Promise.resolve(this.ledgerAccounts.get(address) ?? null);
    const server = await createRecipientServer({
      settings,
      database,
      clock: new SystemClock(),
      ledger: reader,
      logger: silentLogger,
      httpMetrics: httpMetrics(new MetricsRegistry()),
      reports: new RegistrationReports(silentLogger, new MetricsRegistry()),
      notReady: () => Promise.resolve([]),
    });
    await server.listen(0, '127.0.0.1');
    this.origin = `http://127.0.0.1:${String(portOf(server.getHttpServer().address()))}`;
    this.closers.unshift(
      () => server.close(),
      () => database.close(),
    );
  }

  /** One HTTP request, from an address of its own unless `from` names one, so that no test meets the rate limit. */
  async request(
    tenant: TestTenant | null,
    path: string,
    options: {
      readonly method?: string;
      readonly token?: string;
      readonly json?: unknown;
      readonly form?: Readonly<Record<string, string>>;
      readonly from?: string;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Answer> {
    const { token, json, form } = options;
    this.nextAddress += 1;
    const own = `10.${String(this.nextAddress >> 16)}.${String((this.nextAddress >> 8) & 255)}.${String(this.nextAddress & 255)}`;
    const response = await fetch(`${this.origin}${path}`, {
      method: options.method ?? (json === undefined && form === undefined ? 'GET' : 'POST'),
      redirect: 'manual',
      headers: {
        'x-forwarded-for': options.from ?? own,
        ...(tenant === null ? {} : { 'sdp-tenant-name': tenant.name }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    });
    const text = await response.text();
    return { status: response.status, text, headers: response.headers, json: jsonOf(text) };
  }

  async givenTenant(): Promise<TestTenant> {
    const tenant = {
      id: newId(),
      name: `t${randomBytes(12).toString('hex').replace(/[0-9]/g, 'x')}`,
      walletId: newId(),
      assetId: newId(),
    };
    await this.superuser.query(
      `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, status, distribution_account_type, distribution_account_address)
       VALUES ($1, $2, 'http://pay.test', 'http://staff.test', 'PROVISIONED', 'DISTRIBUTION_ACCOUNT.STELLAR.ENV', $3)`,
      [tenant.id, tenant.name, ISSUER],
    );
    await this.superuser.query(
      `INSERT INTO tenants.organizations (tenant_id, name) VALUES ($1, 'Acme <& Co>')`,
      [tenant.id],
    );
    await this.superuser.query(
      `INSERT INTO catalogue.wallets (tenant_id, id, name, homepage, sep_10_client_domain, deep_link_schema)
       VALUES ($1, $2, 'Demo Wallet', 'https://wallet.test', $3, 'https://wallet.test/open')`,
      [tenant.id, tenant.walletId, this.clientDomain],
    );
    await this.superuser.query(
      `INSERT INTO catalogue.assets (tenant_id, id, code, issuer) VALUES ($1, $2, 'USDC', $3), ($1, $4, 'XLM', '')`,
      [tenant.id, tenant.assetId, ISSUER, newId()],
    );
    return tenant;
  }

  /** The date of birth of everybody here. */
  birthdayAt(tenant: TestTenant): VerificationValue {
    return { pepper: this.pepper, tenantId: tenant.id, field: 'DATE_OF_BIRTH', value: BIRTHDAY };
  }

  async givenPerson(tenant: TestTenant): Promise<TestPerson> {
    const [receiverId, receiverWalletId, disbursementId, paymentId] = [newId(), newId(), newId(), newId()];
    const phoneNumber = `+1415${String(randomInt(1_000_000, 9_999_999))}`;
    await this.superuser.query(
      `INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id) VALUES ($1, $2, $3, 'x')`,
      [tenant.id, receiverId, phoneNumber],
    );
    await this.superuser.query(
      `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status) VALUES ($1, $2, $3, $4, 'READY')`,
      [tenant.id, receiverWalletId, receiverId, tenant.walletId],
    );
    await this.superuser.query(
      `INSERT INTO receivers.verifications (tenant_id, receiver_id, verification_field, value_hmac, bound_to) VALUES ($1, $2, 'DATE_OF_BIRTH', $3, 'RECEIVER')`,
      [tenant.id, receiverId, bindToReceiver(hashVerificationValue(this.birthdayAt(tenant)), receiverId)],
    );
    await this.superuser.query(
      `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type, verification_field)
       VALUES ($1, $2, $2::uuid::text, $3, $4, 'STARTED', 'PHONE_NUMBER', 'DATE_OF_BIRTH')`,
      [tenant.id, disbursementId, tenant.assetId, tenant.walletId],
    );
    await this.superuser.query(
      `INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount, status)
       VALUES ($1, $2, 'DISBURSEMENT', $3, $4, $5, $6, 10000000, 'READY')`,
      [tenant.id, paymentId, disbursementId, receiverId, receiverWalletId, tenant.assetId],
    );
    return { receiverId, receiverWalletId, phoneNumber, paymentId };
  }

  /** SEP-10 as a wallet with a backend does it. */
  async signIn(tenant: TestTenant, client: LedgerKey, more = ''): Promise<string> {
    const query = `account=${client.address}&client_domain=${this.clientDomain}${more}`;
    const challenge = await this.request(tenant, `/sep10/auth?${query}`);
    const envelope = String(challenge.json['transaction']);
    const signed = signChallenge(signChallenge(envelope, PASSPHRASE, client), PASSPHRASE, this.walletKey);
    const answer = await this.request(tenant, '/sep10/auth', { json: { transaction: signed } });
    return String(answer.json['token']);
  }

  /** SEP-24: the id of the deposit and the token of its registration page. */
  async startDeposit(tenant: TestTenant, token: string): Promise<{ id: string; token: string; url: URL }> {
    const path = '/sep24/transactions/deposit/interactive';
    const answer = await this.request(tenant, path, { token, json: { asset_code: 'USDC', lang: 'es' } });
    const url = new URL(String(answer.json['url']));
    return { id: String(answer.json['id']), token: url.searchParams.get('token') ?? '', url };
  }

  /** A wallet that stands before the registration page. */
  async atThePage(
    tenant: TestTenant,
  ): Promise<{ client: LedgerKey; wallet: string; id: string; token: string }> {
    const client = newKey();
    const wallet = await this.signIn(tenant, client);
    const { id, token } = await this.startDeposit(tenant, wallet);
    return { client, wallet, id, token };
  }

  async askForCode(tenant: TestTenant, token: string, phoneNumber: string): Promise<Answer> {
    return await this.request(tenant, '/sep24-interactive-deposit/otp', {
      token,
      json: { phone_number: phoneNumber },
    });
  }

  async register(
    tenant: TestTenant,
    token: string,
    form: { readonly phoneNumber: string; readonly code: string; readonly birthday?: string },
  ): Promise<Answer> {
    return await this.request(tenant, '/sep24-interactive-deposit/verification', {
      token,
      json: {
        phone_number: form.phoneNumber,
        otp: form.code,
        verification: form.birthday ?? BIRTHDAY,
        verification_field: 'DATE_OF_BIRTH',
      },
    });
  }

  /** The newest code that was written to the person; null when there is none. */
  async codeFor(tenant: TestTenant, person: TestPerson): Promise<string | null> {
    const { rows } = await this.superuser.query<{ id: string; body_sealed: Uint8Array }>(
      `SELECT id, body_sealed FROM messages.messages WHERE tenant_id = $1 AND receiver_wallet_id = $2 AND kind = 'one_time_code'
        ORDER BY id DESC LIMIT 1`,
      [tenant.id, person.receiverWalletId],
    );
    const [row] = rows;
    if (row === undefined) return null;
    const body = unsealText(
      this.messageKey,
      sealedFor(tenant.id, 'messages.messages', row.id),
      row.body_sealed,
    );
    return /^([0-9]{6}) /.exec(body)?.[1] ?? null;
  }

  async count(sql: string, values: readonly unknown[] = []): Promise<number> {
    const { rows } = await this.superuser.query<{ count: string }>(`SELECT count(*) FROM ${sql}`, [
      ...values,
    ]);
    return Number(rows[0]?.count);
  }
}

/** A code that is not this one. */
export const wrongFor = (code: string | null): string => (code === '111111' ? '222222' : '111111');

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
  } catch {
    // HTML, TOML and plain texts are looked at as text.
    return {};
  }
}

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' && address !== null ? address.port : 0;
