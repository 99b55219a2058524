import { fieldOf } from '@libs/kernel';
import { dearStatements, readersOfWhole, type SeenPlan, seePlans, tellPlans } from '@libs/testing';

import { DisbursementWorld } from '../testing/disbursement-world';
import { addYears } from '../testing/payments-of-years';
import { type Reply, TestServer } from '../testing/test-server';

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
    await server.connectAnew();
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
      'INSERT INTO receivers.staff_changes',
      'WITH changed AS',
      'identity.append_audit',
      'INSERT INTO disbursements.payments',
      'FOR UPDATE',
    ]) {
      expect([part, seen.some(({ statement }) => statement.includes(part))]).toEqual([part, true]);
    }
    expect(new Set(seen.map(({ statement }) => statement)).size).toBeGreaterThan(80);
  });
});

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
    ...(await pressAfterChange(own)),
  ];
  expect(pressed.map(({ status }) => status)).toEqual(pressed.map(() => 200));
}

/** A review and a start of people whom staff have changed since the file came. */
async function pressAfterChange(own: DisbursementWorld): Promise<Reply[]> {
  const id = await own.ready(5);
  const receiver = String((await own.payments(id))[0]?.['receiver_id']);
  const changed = await own.call('PATCH', `/receivers/${receiver}`, { email: 'another@people.example' });
  const review = await own.call('GET', `/disbursements/${id}/review`);
  const version = fieldOf(fieldOf(review.body, 'recipient_changes'), 'version');
  const seen = { status: 'STARTED', recipient_changes: version };
  return [changed, review, await own.call('PATCH', `/disbursements/${id}/status`, seen)];
}
