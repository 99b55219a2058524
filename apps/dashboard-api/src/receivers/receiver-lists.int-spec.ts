import {
  type DatedRow,
  datedQueries,
  expectRightPages,
  momentsAsText,
  momentsOf,
} from '../testing/dated-lists';
import { DisbursementWorld } from '../testing/disbursement-world';
import { TestServer } from '../testing/test-server';

const PEOPLE = 2_400;
/** Totals above 10,000 may be some seconds old. */
const MANY = 10_050;

/** Many people who came on six days, each of whom changed last at some time in the twelve days after. */
describe('lists of receivers', () => {
  let server: TestServer;
  let own: DisbursementWorld;
  let all: readonly DatedRow[];

  const arrive = async (phone: string, at: string): Promise<void> => {
    await server.sql(
      `INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id, created_at, updated_at)
       VALUES ($1, gen_random_uuid(), $2, 'P-0', ${at}, ${at})`,
      [own.tenant.id, phone],
    );
  };
  const ask = async (query: string): Promise<{ readonly ids: string[]; readonly total: number }> => {
    const { status, body } = await own.call('GET', `/receivers?${query}`);
    expect(status).toBe(200);
    const { data, pagination } = body as { data: { id: string }[]; pagination: { total: number } };
    return { ids: data.map(({ id }) => id), total: pagination.total };
  };

  beforeAll(async () => {
    server = await TestServer.start();
    own = await DisbursementWorld.make(server, 'acme');
    const made = momentsOf(PEOPLE);
    await server.sql(
      `WITH people AS (
         INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id, created_at, updated_at)
         SELECT $1, gen_random_uuid(), '+' || 254700000000 + n, 'P-' || n, at, ${made.changed} FROM ${made.rows}
         RETURNING id, phone_number)
       INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status)
       SELECT $1, gen_random_uuid(), id, $2, CASE WHEN phone_number LIKE '%7' THEN 'FLAGGED' ELSE 'READY' END FROM people`,
      [own.tenant.id, own.walletId],
    );
    all = (await server.sql(
      `SELECT r.id, w.status, ${momentsAsText('r')}
         FROM receivers.receivers r JOIN receivers.receiver_wallets w ON w.receiver_id = r.id WHERE r.tenant_id = $1`,
      [own.tenant.id],
    )) as unknown as readonly DatedRow[];
  });
  afterAll(() => server.stop());

  it.each(
    datedQueries([{ name: 'all days', from: null, to: null }], [null, 'READY', 'FLAGGED', 'REGISTERED']),
  )(
    'of $name by $sort $direction, with the status $status, have the right people on the first, a middle and the last page',
    async (query) => {
      expect.hasAssertions();
      await expectRightPages(own, '/receivers', all, query);
    },
  );

  it('count who came today and yesterday at once, and nobody twice', async () => {
    const before = await ask('created_at_after=2026-03-01&page_limit=1');
    await arrive('+254711000001', 'now()');
    await arrive('+254711000002', `now() - interval '1 day'`);
    expect((await ask('created_at_after=2026-03-01&page_limit=1')).total).toBe(before.total + 2);
    expect((await ask('created_at_before=2026-03-06&page_limit=1')).total).toBe(PEOPLE);
    expect((await ask('page_limit=1')).total).toBe(PEOPLE + 2);
  });

  it('count everybody where that is more than are counted one by one, whichever day they came', async () => {
    const large = await DisbursementWorld.make(server, 'large');
    await server.sql(
      `INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id, created_at, updated_at)
       SELECT $1, gen_random_uuid(), '+' || 254720000000 + n, 'P-' || n, at, at
         FROM (SELECT n, now() - n % 5 * interval '1 day' AS at FROM generate_series(1, $2::int) AS n) AS came`,
      [large.tenant.id, MANY],
    );
    const { body } = await large.call('GET', '/receivers?page_limit=1');
    expect(body).toMatchObject({ pagination: { total: MANY } });
  });
});
