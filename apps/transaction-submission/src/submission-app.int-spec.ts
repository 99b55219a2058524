import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';

import { SettingsError } from '@libs/config';
import { fieldOf, newId } from '@libs/kernel';
import { seedTextOf } from '@libs/ledger';
import { StellarReader } from '@libs/ledger-stellar/reader';
import { newLedgerKey } from '@libs/ledger-stellar/submitter';
import { silentLogger } from '@libs/observability';
import { UnitOfWork } from '@libs/persistence';
import { TenantsRepository } from '@libs/tenants';

import { type Sandbox, startSandbox } from '../../stellar-sandbox/src/sandbox';
import { asTenant } from './engine-context';
import { startSubmission, type SubmissionApp } from './submission-app';
import type { SubmissionSettings } from './submission-settings';
import { EngineWorld, payee, type Payee } from './testing/engine-world';

const CHANNELS = 60;
const PAYMENTS = 300;

describe('transaction-submission against the sandbox', () => {
  let sandbox: Sandbox;
  let world: EngineWorld;
  let reader: StellarReader;
  let app: SubmissionApp;
  /** How often which question was asked while the payments went out. */
  let asked: Readonly<Record<string, number>>;

  beforeAll(async () => {
    sandbox = await startSandbox({ closeMs: 1_000, streamTickMs: 50 });
    reader = new StellarReader({ horizonUrls: [sandbox.url], networkPassphrase: sandbox.passphrase });
    const host = newLedgerKey();
    await friendbot(sandbox, host.address);
    // The world needs no ledger of its own here: it stores what is dispatched and reads what came of it.
    world = await EngineWorld.open({ reader, submitter: unused() }, host);
    app = await startSubmission(settingsFor(sandbox, world), silentLogger);
  });
  afterAll(async () => {
    await app.stop();
    await world.close();
    reader.close();
    await sandbox.close();
  });

  it('makes its channel accounts, and is ready only then', async () => {
    await until(async () => (await ready(app)).status === 200);
    const [row] = await world.uow.runSystem('count channel accounts', (tx) =>
      tx.query(
        `SELECT count(*) AS leased FROM submissions.channel_accounts WHERE status = 'LEASED' AND on_ledger`,
      ),
    );
    expect(row).toEqual({ leased: BigInt(CHANNELS) });
  });

  it('pays hundreds of people exactly once, in a few ledgers', async () => {
    const payees = await peopleOn(sandbox, PAYMENTS);
    await fetch(`${sandbox.url}/sandbox/requests`, { method: 'DELETE' });
    await world.dispatch(payees, { disbursementId: newId() });
    await until(async () => (await world.statuses())['SUCCESS'] === PAYMENTS);
    asked = await requestsAt(sandbox);
    const balances = await Promise.all(payees.map(({ destination }) => reader.account(destination)));
    expect(balances.map((account) => account?.balances[0]?.balance)).toEqual(
      payees.map(({ amount }) => 100_000_000_000n + amount),
    );
    expect(await world.attempts()).toEqual({ APPLIED: PAYMENTS });
    const [used] = await world.uow.run(asTenant(world.tenantId), (tx) =>
      tx.query<{ ledgers: bigint }>(
        `SELECT count(DISTINCT proof ->> 'ledger') AS ledgers FROM submissions.attempts WHERE tenant_id = $1`,
        [tx.tenantId],
      ),
    );
    expect(Number(used?.ledgers ?? 0n)).toBeLessThan(40);
  });

  it('asked the node for little more than to take each envelope', () => {
    const calls = Object.values(asked).reduce((sum, count) => sum + count, 0);
    // More where the machine is slow: what no ledger took in four of them is bid up, which makes another envelope.
    const envelopes = asked['POST /transactions_async'] ?? 0;
    expect(envelopes).toBeGreaterThanOrEqual(PAYMENTS);
    expect(envelopes).toBeLessThan(2 * PAYMENTS);
    // What was asked instead, where it was more.
    expect(calls / envelopes <= 1.1 ? 'little' : JSON.stringify(asked)).toBe('little');
  });

  it('shows what it did in metrics with few labels', async () => {
    const text = await (await fetch(`http://127.0.0.1:${String(app.port)}/metrics`)).text();
    expect(text).toContain(`tss_payment_transaction_successful ${String(PAYMENTS)}`);
    const value = (series: string): number => {
      const line = text.split('\n').find((one) => one.startsWith(`${series} `));
      return Number(line?.slice(series.length + 1));
    };
    const node = `node="1 ${new URL(sandbox.url).host}"`;
    expect(value(`tss_node_calls_total{${node},kind="submit"}`)).toBeGreaterThanOrEqual(PAYMENTS);
    expect(value(`tss_node_in_flight_budget{${node}}`)).toBeGreaterThan(0);
    expect(value(`tss_node_ledgers_behind{${node}}`)).toBeLessThan(5);
    expect(value('tss_ledger_age_seconds')).toBeLessThan(20);
    expect(value('tss_calls_per_payment')).toBeGreaterThan(1);
    expect(value('tss_ledger_mismatch')).toBe(0);
  });

  it('shows from the start what alerts look at, and each alert names a page that is there', async () => {
    const root = path.join(__dirname, '..', '..', '..');
    const alerts = await fs.readFile(path.join(root, 'deploy', 'prometheus', 'alerts.yml'), 'utf8');
    const shown = await (await fetch(`http://127.0.0.1:${String(app.port)}/metrics`)).text();
    const series = [...alerts.matchAll(/expr: .*?(tss_\w+(?:\{[^}]*\})?)/g)].map(([, name]) => name ?? '');
    expect(series.filter((name) => !shown.includes(`\n${name}`))).toEqual([]);
    const pages = [...alerts.matchAll(/runbook: (\S+)/g)].map(([, page]) => page ?? '');
    expect(pages).toHaveLength(series.length);
    for (const page of pages) expect((await fs.stat(path.join(root, page))).isFile()).toBe(true);
  });

  it('signs nothing more once it was told to stop, and another process goes on', async () => {
    const payees = await peopleOn(sandbox, 20);
    await app.stop();
    await world.dispatch(payees);
    app = await startSubmission(settingsFor(sandbox, world), silentLogger);
    await until(async () => (await world.statuses())['SUCCESS'] === PAYMENTS + 20);
    const balances = await Promise.all(payees.map(({ destination }) => reader.account(destination)));
    expect(new Set(balances.map((account) => account?.balances[0]?.balance))).toEqual(
      new Set(payees.map(({ amount }) => 100_000_000_000n + amount)),
    );
  });

  it('says at its start and at /ready whose payments wait for another host account', async () => {
    const shown = newLedgerKey().address;
    const uow = new UnitOfWork(world.asDashboard);
    const tenants = new TenantsRepository();
    const tenantId = await world.addTenant('elsewhere');
    await uow.runSystem('the account that staff see', (tx) =>
      tenants.setDistributionAccount(tx, tenantId, shown),
    );
    const expected = expect.stringContaining(
      `payments of elsewhere wait: they leave from ${shown}, and the host account here is ${world.host.address}.`,
    ) as unknown;
    const error = jest.fn();
    await app.stop();
    app = await startSubmission(settingsFor(sandbox, world), { ...silentLogger, error });
    expect(error).toHaveBeenCalledWith({ problem: expected }, 'payments of tenants wait');
    const warnings = async (): Promise<unknown> => fieldOf(await (await ready(app)).json(), 'warnings');
    expect(await warnings()).toEqual([expected]);
    // The others are paid meanwhile.
    await until(async () => (await ready(app)).status === 200);
    await uow.runSystem('the operator switches it off', (tx) =>
      tenants.move(tx, tenantId, 'deactivate', 'test'),
    );
    expect(await warnings()).toEqual([]);
  });

  it('does not start with the passphrase of another network, and says in one sentence which is meant', async () => {
    const settings = { ...settingsFor(sandbox, world), NETWORK_PASSPHRASE: 'Somebody Else ; 2026' };
    await expect(startSubmission(settings, silentLogger)).rejects.toThrow(
      new SettingsError([
        `NETWORK_PASSPHRASE: ${sandbox.url} is on the network "${sandbox.passphrase}", but NETWORK_PASSPHRASE says "Somebody Else ; 2026"`,
      ]),
    );
  });

  it('starts without the ledger, says at /ready what is missing, and is ready when the ledger answers', async () => {
    await setReader(sandbox, { down: true });
    const other = await startSubmission(settingsFor(sandbox, world), silentLogger);
    try {
      const answer = await ready(other);
      expect(answer.status).toBe(503);
      const { reasons } = (await answer.json()) as { reasons: string[] };
      expect(reasons).toContainEqual(expect.stringMatching(/^the ledger cannot be reached: /));
      await setReader(sandbox, { down: false });
      await until(async () => (await ready(other)).status === 200);
    } finally {
      await other.stop();
    }
  });
});

async function setReader(sandbox: Sandbox, state: { readonly down: boolean }): Promise<void> {
  await fetch(`${sandbox.url}/sandbox/reader`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(state),
  });
}

async function requestsAt(sandbox: Sandbox): Promise<Readonly<Record<string, number>>> {
  const answer = await fetch(`${sandbox.url}/sandbox/requests`);
  return ((await answer.json()) as { requests: Record<string, number> }).requests;
}

async function friendbot(sandbox: Sandbox, address: string): Promise<void> {
  const answer = await fetch(`${sandbox.url}/friendbot?addr=${address}`);
  if (!answer.ok) throw new Error('friendbot did not fund an account');
}

async function peopleOn(sandbox: Sandbox, count: number): Promise<readonly Payee[]> {
  const payees = Array.from({ length: count }, () => payee());
  await Promise.all(payees.map(({ destination }) => friendbot(sandbox, destination)));
  return payees;
}

const ready = async (app: SubmissionApp): Promise<Response> =>
  await fetch(`http://127.0.0.1:${String(app.port)}/ready`);

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 100));
}

const unused = (): never => undefined as never;

const settingsFor = (sandbox: Sandbox, world: EngineWorld): SubmissionSettings => ({
  EVENT_BROKER_TYPE: 'POSTGRES',
  BROKER_URLS: undefined,
  KAFKA_SECURITY_PROTOCOL: 'PLAINTEXT',
  KAFKA_SASL_MECHANISM: 'PLAIN',
  KAFKA_SASL_USERNAME: undefined,
  KAFKA_SASL_PASSWORD: undefined,
  KAFKA_SSL_CA: undefined,
  KAFKA_SSL_ACCESS_CERTIFICATE: undefined,
  KAFKA_SSL_ACCESS_KEY: undefined,
  DATABASE_URL: world.testDb.url('transactionSubmission'),
  DATABASE_CONNECTIONS_MAX: 10,
  DATABASE_FAILOVER: 'NONE',
  DESTINATION_LOOKUPS_PER_SECOND: 0,
  LOG_LEVEL: 'info',
  NETWORK_PASSPHRASE: sandbox.passphrase,
  HORIZON_URL: [sandbox.url],
  TSS_METRICS_PORT: 0,
  keys: {
    kind: 'here',
    hostSeed: seedTextOf(world.host.seed),
    encryptionKeys: [new Uint8Array(randomBytes(32).fill(7))],
  },
  NUM_CHANNEL_ACCOUNTS: CHANNELS,
  INSTANCE_EXPIRY_SECONDS: 15,
  MAX_BASE_FEE: 10_000,
  PAYMENTS_PER_ENVELOPE: 1,
  TENANT_XLM_BOOTSTRAP_AMOUNT: 5,
});
