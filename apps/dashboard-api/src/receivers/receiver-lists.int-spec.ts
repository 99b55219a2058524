import { DisbursementWorld } from '../testing/disbursement-world';
import { TestServer } from '../testing/test-server';

interface Row {
  readonly id: string;
  readonly status: string;
  readonly created_at: string;
  readonly updated_at: string;
}

const DAYS = 6;
const PEOPLE = 2_400;
const [FIRST_DAY, LAST_DAY] = ['2026-03-01', '2026-03-06'];

/** Many people who came on six days, each of whom changed last at some time in the twelve days after. */
describe('lists of receivers', () => {
  let server: TestServer;
  let own: DisbursementWorld;
  let all: readonly Row[];

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
    await server.sql(
      `WITH people AS (
         INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id, created_at, updated_at)
         SELECT $1, gen_random_uuid(), '+' || 254700000000 + n, 'P-' || n, at,
                at + n * 7919 % ${String(PEOPLE)} * interval '${String(2 * DAYS)} days' / ${String(PEOPLE)}
           FROM generate_series(0, ${String(PEOPLE - 1)}) AS n
          CROSS JOIN LATERAL (SELECT timestamptz '${FIRST_DAY}T00:00:00Z'
            + n * 2741 % ${String(PEOPLE)} * interval '${String(DAYS)} days' / ${String(PEOPLE)} AS at) came
         RETURNING id, phone_number)
       INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status)
       SELECT $1, gen_random_uuid(), id, $2, CASE WHEN phone_number LIKE '%7' THEN 'FLAGGED' ELSE 'READY' END FROM people`,
      [own.tenant.id, own.walletId],
    );
    all = (await server.sql(
      `SELECT r.id, w.status, to_char(r.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS created_at,
              to_char(r.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS updated_at
         FROM receivers.receivers r JOIN receivers.receiver_wallets w ON w.receiver_id = r.id WHERE r.tenant_id = $1`,
      [own.tenant.id],
    )) as unknown as readonly Row[];
  });
  afterAll(() => server.stop());

  const cases = [
    { name: 'all days', from: null, to: null },
    { name: 'one day', from: '2026-03-02', to: '2026-03-02' },
    { name: 'the first days', from: null, to: '2026-03-03' },
    { name: 'the last days', from: '2026-03-04', to: null },
    { name: 'a day without people', from: '2026-02-01', to: '2026-02-01' },
  ].flatMap((days) =>
    (['created_at', 'updated_at'] as const).flatMap((sort) =>
      (['asc', 'desc'] as const).flatMap((direction) =>
        [null, 'READY', 'FLAGGED', 'REGISTERED'].map((status) => ({ ...days, sort, direction, status })),
      ),
    ),
  );

  it.each(cases)(
    'of $name by $sort $direction, with the status $status, have the right people on the first and the last page',
    async ({ from, to, sort, direction, status }) => {
      const wanted = all
        .filter((row) => status === null || row.status === status)
        .filter(({ created_at: at }) => (from ?? FIRST_DAY) <= at && at.slice(0, 10) <= (to ?? LAST_DAY))
        .toSorted((one, other) => `${one[sort]} ${one.id}`.localeCompare(`${other[sort]} ${other.id}`))
        .map(({ id }) => id);
      if (direction === 'desc') wanted.reverse();
      for (const page of new Set([1, Math.max(1, Math.ceil(wanted.length / 100))])) {
        const query = new URLSearchParams({ sort, direction, page: String(page), page_limit: '100' });
        if (from !== null) query.set('created_at_after', from);
        if (to !== null) query.set('created_at_before', to);
        if (status !== null) query.set('status', status);
        const found = await ask(query.toString());
        expect(found.total).toBe(wanted.length);
        expect(found.ids).toEqual(wanted.slice((page - 1) * 100, page * 100));
      }
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
});
