import { newId } from '@libs/kernel';
import { Database, type TenantTx, UnitOfWork } from '@libs/persistence';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { Client } from 'pg';

import { pageOf } from './list-page';
import type { EachOf } from './order-of-each';
import { pageIds } from './page-ids';

const PAYMENTS = 45;
const PAGE = 20;
const STATUSES = ['DRAFT', 'READY', 'PAUSED', 'SUCCESS'];
const OF_EACH: EachOf = { column: 'p.status', values: STATUSES };
/** PostgreSQL keeps a plan when five for the values at hand were no better. */
const ASKED = 8;

describe('the ids of a page', () => {
  let database: TestDatabase;
  let app: Database;
  const tenantId = newId();

  beforeAll(async () => {
    database = await testDatabase();
    app = new Database({ url: database.url('dashboardApi'), applicationName: 'pages', connectionsMax: 1 });
    const owner = new Client({ connectionString: database.superuserUrl });
    await owner.connect();
    // The receivers and the asset of these payments are of no account here.
    await owner.query('SET session_replication_role = replica');
    await owner.query(
      `INSERT INTO disbursements.payments (tenant_id, id, type, receiver_id, receiver_wallet_id, asset_id, amount, created_at, updated_at, status)
       SELECT $1, uuidv7(), 'DIRECT', uuidv7(), uuidv7(), uuidv7(), n, now(), now() + n * interval '1 second', ($3::text[])[1 + n % 3]
         FROM generate_series(1, $2::int) AS n`,
      [tenantId, PAYMENTS, STATUSES],
    );
    await owner.end();
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  async function inTenant<T>(work: (tx: TenantTx) => Promise<T>): Promise<T> {
    return await new UnitOfWork(app).run({ tenantId, actor: 'system:test', trace: '' }, work);
  }

  async function page(
    number: number,
    pageLimit = PAGE,
    ofEach: EachOf | null = null,
  ): Promise<readonly string[]> {
    const query = {
      page: { page: number, pageLimit, offset: (number - 1) * pageLimit },
      sort: 'updated_at',
      direction: 'desc',
    } as const;
    return await inTenant((tx) =>
      pageIds(tx, {
        ...{ table: 'disbursements.payments', alias: 'p', sort: query.sort, page: pageOf('p', query) },
        ...{ conditions: ['p.tenant_id = $1'], values: [tenantId], total: null, madeBefore: null, ofEach },
      }),
    );
  }

  it('are the same in the same order, whether it is the first page or lies behind it', async () => {
    const all = await page(1, PAYMENTS);
    expect(all).toHaveLength(PAYMENTS);
    expect([...(await page(1)), ...(await page(2)), ...(await page(3))]).toEqual(all);
  });

  it.each([1, 2, 3])('merged from those of each status are the same on page %i', async (number) => {
    expect(await page(number, PAGE, OF_EACH)).toEqual(await page(number));
  });

  it('of the page that a list begins with are found by a plan that is made once', async () => {
    for (let times = 0; times < ASKED; times += 1) await page(1);
    const kept = await inTenant((tx) =>
      tx.query<{ readonly generic_plans: bigint }>(
        `SELECT generic_plans FROM pg_prepared_statements WHERE statement LIKE 'SELECT p.id FROM disbursements.payments%'`,
      ),
    );
    expect(kept.map(({ generic_plans: plans }) => plans > 0n)).toEqual([true]);
  });
});
