import type { DisbursementWorld } from '../testing/disbursement-world';
import { fundedWorld } from '../testing/funds';
import { TestServer } from '../testing/test-server';

/** Three batches, the last of them not full. */
const PEOPLE = 6_500;
const ISSUER = 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7';

/** What the file must say of each, looked up for one after the other. */
const ONE_BY_ONE = `
  SELECT concat_ws(',', r.id, coalesce(r.email, ''), coalesce(r.phone_number, ''), r.external_id,
           p.total, p.success, p.failed, p.canceled, p.rest,
           (SELECT count(*) FROM receivers.receiver_wallets w WHERE w.receiver_id = r.id AND w.status = 'REGISTERED'),
           coalesce(p.received, '')) AS line
    FROM receivers.receivers r
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(total), 0) AS total, coalesce(sum(success), 0) AS success, coalesce(sum(failed), 0) AS failed,
            coalesce(sum(canceled), 0) AS canceled, coalesce(sum(total - success - failed - canceled), 0) AS rest,
            string_agg(to_char(received / 10000000.0, 'FM999999990.0000000') || ' ' || asset, '; ' ORDER BY asset) FILTER (WHERE received > 0) AS received
       FROM (SELECT concat_ws(':', a.code, nullif(a.issuer, '')) AS asset, count(*) AS total, count(*) FILTER (WHERE p.status = 'SUCCESS') AS success,
                    count(*) FILTER (WHERE p.status = 'FAILED') AS failed,
                    count(*) FILTER (WHERE p.status = 'CANCELED') AS canceled,
                    coalesce(sum(p.amount) FILTER (WHERE p.status = 'SUCCESS'), 0) AS received
               FROM disbursements.payments p JOIN catalogue.assets a ON a.id = p.asset_id
              WHERE p.receiver_id = r.id GROUP BY a.code, a.issuer) of_asset) p
   WHERE r.tenant_id = $1`;
const OF_STATUS = `EXISTS (SELECT FROM receivers.receiver_wallets w WHERE w.receiver_id = r.id AND w.status = 'FLAGGED')`;

describe('an export of many receivers', () => {
  let server: TestServer;
  let own: DisbursementWorld;

  beforeAll(async () => {
    server = await TestServer.start();
    own = await fundedWorld(server);
    await addPeople();
  }, 120_000);
  afterAll(() => server.stop());

  /** Hundreds share each moment, so that batches end among people of the same moment. A third was paid, in up to two assets. */
  async function addPeople(): Promise<void> {
    const { tenant, walletId, assetId } = own;
    const [other] = await server.sql(
      `INSERT INTO catalogue.assets (tenant_id, id, code, issuer) VALUES ($1, uuidv7(), 'ABC', $2) RETURNING id`,
      [tenant.id, ISSUER],
    );
    await server.sql(
      `INSERT INTO receivers.receivers (tenant_id, id, phone_number, email, external_id, created_at, updated_at)
       SELECT $1, gen_random_uuid(), '+2547' || (30000000 + n), CASE WHEN n % 5 = 0 THEN 'p.' || n || '@people.example' END, 'P-' || n,
              timestamptz '2026-02-01' + n % 15 * interval '0.000007 s', timestamptz '2026-03-01' + n % 17 * interval '0.000003 s'
         FROM generate_series(1, ${String(PEOPLE)}) n`,
      [tenant.id],
    );
    await server.sql(
      `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, stellar_address)
       SELECT tenant_id, uuidv7(), id, $2, (ARRAY['REGISTERED', 'READY', 'REGISTERED', 'FLAGGED'])[1 + n % 4],
              CASE WHEN n % 2 = 0 THEN 'G' || left(translate(upper(encode(sha256(n::text::bytea), 'hex')), '0189', 'GHIJ'), 55) END
         FROM (SELECT *, substr(external_id, 3)::int AS n FROM receivers.receivers WHERE tenant_id = $1) r WHERE n % 10 <> 7`,
      [tenant.id, walletId],
    );
    await server.sql(
      `INSERT INTO disbursements.payments (tenant_id, id, type, receiver_id, receiver_wallet_id, asset_id, amount, status,
         stellar_transaction_id)
       SELECT $1, gen_random_uuid(), 'DIRECT', w.receiver_id, w.id, CASE WHEN k = 2 THEN $3::uuid ELSE $2::uuid END,
              10000000 * k + n, (ARRAY['SUCCESS', 'SUCCESS', 'FAILED', 'CANCELED', 'READY'])[k], repeat('a', 64)
         FROM receivers.receiver_wallets w JOIN receivers.receivers r ON r.id = w.receiver_id
        CROSS JOIN LATERAL (SELECT substr(r.external_id, 3)::int AS n) numbered CROSS JOIN generate_series(1, 5) k
        WHERE w.tenant_id = $1 AND n % 3 = 0 AND n / 12 % (k + 1) = 0`,
      [tenant.id, assetId, other?.['id']],
    );
    await server.sql('ANALYZE disbursements.payments, receivers.receivers, receivers.receiver_wallets');
  }

  /** The lines of the file, without what tells of moments. */
  const exported = async (query: string): Promise<readonly string[]> => {
    const { status, text } = await own.call('GET', `/exports/receivers${query}`);
    expect(status).toBe(200);
    return text
      .split('\r\n')
      .slice(1, -1)
      .map((line) => line.split(',').toSpliced(4, 2).join(','));
  };

  it.each([
    ['updated_at', 'desc', '', 'true'],
    ['created_at', 'asc', '', 'true'],
    ['created_at', 'desc', '&status=flagged', OF_STATUS],
    ['updated_at', 'asc', '&q=people.example', 'r.email IS NOT NULL'],
    ['updated_at', 'desc', '&status=flagged&q=%2B25473', `r.phone_number LIKE '+25473%' AND ${OF_STATUS}`],
    ['updated_at', 'asc', '&created_at_after=2026-02-02', 'false'],
    ['created_at', 'asc', '&created_at_before=2026-02-01', 'true'],
  ])(
    'says of each receiver once, by %s %s%s, what they were paid',
    async (sort, direction, filter, condition) => {
      const rows = await server.sql(
        `${ONE_BY_ONE} AND ${condition} ORDER BY r.${sort} ${direction}, r.id ${direction}`,
        [own.tenant.id],
      );
      const expected = rows.map((row) => String(row['line']));
      const found = await exported(`?sort=${sort}&direction=${direction}${filter}`);
      expect(found.length).toBe(expected.length);
      // One line that differs instead of all of them: to print thousands would take minutes.
      const differing = found.findIndex((line, index) => line !== expected[index]);
      expect([found[differing], expected[differing]]).toEqual([undefined, undefined]);
    },
    60_000,
  );

  it('has people of every kind to tell of', async () => {
    const lines = await exported('');
    expect(lines).toHaveLength(PEOPLE);
    const kinds = [/,0,0,0,0,0,0,$/, /,5,2,1,1,1,1,\d.*; /, / ABC:G[A-Z0-9]+$/, / XLM$/];
    for (const one of kinds)
      expect([String(one), lines.some((line) => one.test(line))]).toEqual([String(one), true]);
  });
});
