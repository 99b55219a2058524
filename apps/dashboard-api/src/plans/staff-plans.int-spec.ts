import { dearStatements, readersOfWhole, type SeenPlan, seePlans, tellPlans } from '@libs/testing';
import { Client } from 'pg';

import { DisbursementWorld } from '../testing/disbursement-world';
import { TestServer } from '../testing/test-server';

const PAYMENTS = 40_000;
const PEOPLE = 20_000;
const ROUNDS = 100;
/** They go over many rows by purpose: totals of lists, sums of statistics, and what a file means to people seen for the first time. */
const COUNTS = [
  'SELECT count(*)::int AS total FROM (SELECT',
  'SELECT (SELECT count(*)::int FROM receivers.receivers',
  'coalesce(sum(d.count_',
  'WITH made AS (SELECT d.id, d.count_',
  'count(DISTINCT p.receiver_id)',
  'ORDER BY amount DESC, id LIMIT 1',
  'GROUP BY',
];
/**
 * Without an index that could be better. Disbursements whose name has a text: there is one for some hundreds of payments, so all their
 * names are read. What counts calls per address is forgotten by a sweep over the addresses of the last minute, whenever the test
 * takes that long.
 */
const BY_PURPOSE = [/strpos\(lower\(d\.name\)/, /^DELETE FROM http\.rate_limits/];
const LARGE = ['payments', 'receivers', 'receiver_wallets'];

/** What staff look at and press all day, over the payments of years. */
describe('statements of the staff API over large tables', () => {
  let server: TestServer;
  let own: DisbursementWorld;
  let seen: SeenPlan[];

  beforeAll(async () => {
    server = await TestServer.start();
    own = await DisbursementWorld.make(server, 'acme');
    own.fund(1_000_000_0000000n);
    await addYears(server, own);
    await tellPlans(server.database, 'dashboardApi');
    seen = seePlans(server.platform.database);
    await own.token();
    await connectAnew(server);
    await lookAtEverything(own);
    await pressEverything(own);
  }, 120_000);
  afterAll(() => server.stop());

  const ofScreens = (): SeenPlan[] =>
    seen.filter(
      ({ statement }) =>
        !COUNTS.some((count) => statement.includes(count)) && !BY_PURPOSE.some((one) => one.test(statement)),
    );

  it('go over no more than fifty rows for each that they use', () => {
    expect(dearStatements(ofScreens())).toEqual([]);
  });

  it('read no large table from end to end', () => {
    expect(readersOfWhole(LARGE, ofScreens())).toEqual([]);
  });

  it('were all seen: each screen and each button has left its own', () => {
    for (const part of [
      'identity.counted_session_callers',
      'disbursements.payments_with_text',
      'receivers.receivers_with_text',
      'ORDER BY p.updated_at DESC, p.id DESC LIMIT',
      'p.type = $',
      'EXISTS (SELECT FROM receivers.receiver_wallets w WHERE w.tenant_id = $1 AND w.receiver_id = r.id AND w.status',
      // People of a rare status are found before their order: PostgreSQL takes them to be everywhere along it.
      'OFFSET 0) r ORDER BY r.updated_at DESC',
      // What was made before some day, by its last change: without what was made later, which would come first.
      `updated_at - p.created_at > interval '168 hours'`,
      `updated_at - r.created_at > interval '168 hours'`,
      'identity.append_audit',
      'INSERT INTO disbursements.payments',
      'FOR UPDATE',
    ]) {
      expect([part, seen.some(({ statement }) => statement.includes(part))]).toEqual([part, true]);
    }
    expect(new Set(seen.map(({ statement }) => statement)).size).toBeGreaterThan(80);
  });
});

/** Who is connected already does not tell its plans. Waits until the app knows, as its next call would get a connection that is gone. */
async function connectAnew(server: TestServer): Promise<void> {
  const { pool } = server.platform.database;
  let left = pool.totalCount;
  pool.on('remove', () => (left -= 1));
  await server.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND usename = 'distributary_dashboard_api'`,
  );
  const deadline = Date.now() + 5_000;
  while (left > 0 && Date.now() < deadline) await new Promise((resume) => setTimeout(resume, 5));
}

/** Years of payments, most of them made, in SQL: people with a wallet each, rounds of four hundred, one in a hundred direct. */
async function addYears(server: TestServer, own: DisbursementWorld): Promise<void> {
  const client = new Client({ connectionString: server.database.superuserUrl });
  await client.connect();
  const sql = (text: string, values: readonly unknown[] = []): Promise<unknown> =>
    client.query(text, [...values]);
  const at = (share: string): string => `now() - interval '1000 days' * (1 - ${share})`;
  try {
    await sql('SET session_replication_role = replica');
    await sql(
      `CREATE TEMP TABLE people AS SELECT n, uuidv7() AS id, uuidv7() AS wallet, ${at(`n / ${String(PEOPLE)}.0`)} AS at
         FROM generate_series(0, ${String(PEOPLE - 1)}) AS n`,
    );
    await sql(
      `CREATE TEMP TABLE rounds AS SELECT n, uuidv7() AS id, ${at(`n / ${String(ROUNDS)}.0`)} AS at
         FROM generate_series(0, ${String(ROUNDS - 1)}) AS n`,
    );
    await sql(
      `INSERT INTO receivers.receivers (tenant_id, id, phone_number, email, external_id, created_at, updated_at)
       SELECT $1, id, '+' || (254700000000 + n), 'person.' || n || '@people.example', 'P-' || n, at, at FROM people`,
      [own.tenant.id],
    );
    await sql(
      `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, stellar_address, created_at, updated_at)
       SELECT $1, wallet, id, $2, CASE WHEN n % 10 = 9 THEN 'READY' WHEN n % 500 = 1 THEN 'FLAGGED' ELSE 'REGISTERED' END,
              CASE WHEN n % 10 <> 9 THEN 'G' || left(translate(upper(encode(sha256(n::text::bytea), 'hex')), '0189', 'GHIJ'), 55) END,
              at, at FROM people`,
      [own.tenant.id, own.walletId],
    );
    await sql(
      `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type,
         verification_field, created_at, count_success, amount_success)
       SELECT $1, id, 'Aid round ' || n, $2, $3, 'COMPLETED', 'PHONE_NUMBER', 'PIN', at, 400, 4000 FROM rounds`,
      [own.tenant.id, own.assetId, own.walletId],
    );
    await sql(
      `INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount,
         status, dispatch, external_payment_id, stellar_transaction_id, created_at, updated_at)
       SELECT $1, uuidv7(), CASE WHEN k % 100 = 7 THEN 'DIRECT' ELSE 'DISBURSEMENT' END, CASE WHEN k % 100 = 7 THEN NULL ELSE r.id END,
              p.id, p.wallet, $2, 10, CASE WHEN k % 100 = 3 THEN 'FAILED' WHEN k % 200 = 5 THEN 'CANCELED' ELSE 'SUCCESS' END, 1,
              'PAY-' || lpad(k::text, 9, '0'), repeat('a', 64), r.at, r.at + interval '1 minute'
         FROM generate_series(0, ${String(PAYMENTS - 1)}) AS k
         JOIN rounds r ON r.n = k / ${String(PAYMENTS / ROUNDS)} JOIN people p ON p.n = k * 7919 % ${String(PEOPLE)}`,
      [own.tenant.id, own.assetId],
    );
    await sql(
      `INSERT INTO disbursements.payment_texts (tenant_id, payment_id, external_text)
       SELECT tenant_id, id, lower(external_payment_id) FROM disbursements.payments
        WHERE external_payment_id IS NOT NULL ON CONFLICT DO NOTHING`,
    );
    await sql('SET session_replication_role = origin');
    await sql('VACUUM (ANALYZE)');
  } finally {
    await client.end();
  }
}

async function lookAtEverything(own: DisbursementWorld): Promise<void> {
  const day = new Date(Date.now() - 400 * 86_400_000).toISOString().slice(0, 10);
  const orders = ['created_at', 'updated_at'].flatMap((sort) =>
    ['asc', 'desc'].map((direction) => `sort=${sort}&direction=${direction}`),
  );
  const filters = [
    ...['success', 'failed', 'canceled', 'pending'].map((status) => `/payments?status=${status}`),
    '/payments?type=direct',
    `/payments?status=success&created_at_before=${day}`,
    `/payments?created_at_after=${day}&created_at_before=${day}`,
    ...['registered', 'ready', 'flagged'].map((status) => `/receivers?status=${status}`),
    `/receivers?created_at_before=${day}`,
  ];
  const texts = [
    ...['PAY-000012345', '012345', 'Aid round 42'].map((text) => `/payments?q=${encodeURIComponent(text)}`),
    ...['+254700012345', '012345', 'person.12345@'].map((text) => `/receivers?q=${encodeURIComponent(text)}`),
    '/disbursements?q=round%2042',
  ];
  const lists = [
    '/payments',
    '/receivers',
    '/disbursements',
    '/assets',
    '/wallets',
    '/users',
    '/audit',
    '/statistics',
  ];
  const paths = [
    ...[
      ...lists,
      ...texts,
      '/organization',
      '/profile',
      '/api-keys',
      '/payments?page=40',
      '/receivers?page=40',
    ],
    ...filters.flatMap((filter) => orders.map((order) => `${filter}&${order}`)),
    ...['/disbursements?status=started', '/disbursements?status=completed&sort=name&direction=asc'],
  ];
  for (const path of paths) expect([path, (await own.call('GET', path)).status]).toEqual([path, 200]);
}

async function pressEverything(own: DisbursementWorld): Promise<void> {
  const { id, payments } = await own.started(5);
  const [one = ''] = payments;
  const pressed = [
    await own.setStatus(id, 'PAUSED'),
    await own.setStatus(id, 'STARTED'),
    await own.call('PATCH', `/payments/${one}/status`, { status: 'CANCELED' }),
    await own.call('GET', `/payments/${one}`),
    await own.call('GET', `/disbursements/${id}`),
    await own.call('GET', `/disbursements/${id}/receivers`),
    await own.call('GET', `/disbursements/${id}/review`),
    await own.call('PATCH', '/payments/retry', { payment_ids: (await own.failed(5)).payments }),
  ];
  expect(pressed.map(({ status }) => status)).toEqual(pressed.map(() => 200));
}
