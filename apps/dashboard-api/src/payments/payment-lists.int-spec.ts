import {
  type DatedRow,
  datedQueries,
  expectRightPages,
  FIRST_DAY,
  momentsAsText,
  momentsOf,
} from '../testing/dated-lists';
import { DisbursementWorld } from '../testing/disbursement-world';
import { TestServer } from '../testing/test-server';

const PAYMENTS = 3_000;

/** Three thousand payments of six days, each of which changed last at some time in the twelve days after it was made. */
describe('lists of payments', () => {
  let server: TestServer;
  let own: DisbursementWorld;
  let all: readonly DatedRow[];

  beforeAll(async () => {
    server = await TestServer.start();
    own = await DisbursementWorld.make(server, 'acme');
    const { receiverId, receiverWalletId } = await own.payee();
    const made = momentsOf(PAYMENTS);
    await server.sql(
      `INSERT INTO disbursements.payments (tenant_id, id, type, receiver_id, receiver_wallet_id, asset_id, amount, status,
         dispatch, stellar_transaction_id, created_at, updated_at)
       SELECT $1, gen_random_uuid(), 'DIRECT', $2, $3, $4, 10, CASE WHEN n % 7 = 3 THEN 'FAILED' ELSE 'SUCCESS' END, 1,
              repeat('a', 64), at, ${made.changed}
         FROM ${made.rows}`,
      [own.tenant.id, receiverId, receiverWalletId, own.assetId],
    );
    all = (await server.sql(
      `SELECT id, status, ${momentsAsText('payments')} FROM disbursements.payments WHERE tenant_id = $1`,
      [own.tenant.id],
    )) as unknown as readonly DatedRow[];
  });
  afterAll(() => server.stop());

  it('have no rows on a page far behind their last one', async () => {
    const query = 'sort=updated_at&direction=desc&created_at_before=2026-03-05';
    for (const page of ['99999999', '999999999999999']) {
      const reply = await own.call('GET', `/payments?${query}&page_limit=100&page=${page}`);
      expect([reply.status, Reflect.get(Object(reply.body), 'data')]).toEqual([200, []]);
    }
  });

  it.each(
    datedQueries(
      [{ name: 'nearly all days', from: FIRST_DAY, to: '2026-03-05' }],
      [null, 'SUCCESS', 'FAILED'],
    ),
  )(
    'of $name by $sort $direction, with the status $status, have the right rows on the first, a middle and the last page',
    async (query) => {
      expect.hasAssertions();
      await expectRightPages(own, '/payments', all, query);
    },
  );
});
