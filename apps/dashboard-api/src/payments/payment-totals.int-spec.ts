import { newId } from '@libs/kernel';

import { momentsOf } from '../testing/dated-lists';
import { DisbursementWorld } from '../testing/disbursement-world';
import { TestServer } from '../testing/test-server';

/** So many that they are not counted one by one at each request. */
const PAYMENTS = 24_000;

/** Twenty-four thousand payments of the first six days of March 2026: every eighth direct, every seventh failed. */
describe('the total of a list of very many payments', () => {
  let server: TestServer;
  let own: DisbursementWorld;

  beforeAll(async () => {
    server = await TestServer.start();
    own = await DisbursementWorld.make(server, 'acme');
    const { receiverId, receiverWalletId } = await own.payee();
    const disbursementId = newId();
    await server.sql(
      `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type, verification_field)
       VALUES ($1, $2, 'March', $3, $4, 'STARTED', 'PHONE_NUMBER', 'DATE_OF_BIRTH')`,
      [own.tenant.id, disbursementId, own.assetId, own.walletId],
    );
    const made = momentsOf(PAYMENTS);
    await server.sql(
      `INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount, status,
         dispatch, stellar_transaction_id, created_at, updated_at)
       SELECT $1, gen_random_uuid(), CASE WHEN n % 8 = 0 THEN 'DIRECT' ELSE 'DISBURSEMENT' END, CASE WHEN n % 8 = 0 THEN NULL ELSE $2::uuid END,
              $3, $4, $5, 10, CASE WHEN n % 7 = 3 THEN 'FAILED' ELSE 'SUCCESS' END, 1, repeat('a', 64), at, ${made.changed}
         FROM ${made.rows}`,
      [own.tenant.id, disbursementId, receiverId, receiverWalletId, own.assetId],
    );
    await server.sql(
      `UPDATE disbursements.disbursements d SET count_success = c.paid, count_failed = c.failed
         FROM (SELECT count(*) FILTER (WHERE status = 'SUCCESS') AS paid, count(*) FILTER (WHERE status = 'FAILED') AS failed
                 FROM disbursements.payments WHERE disbursement_id = $1) c WHERE d.id = $1`,
      [disbursementId],
    );
  });
  afterAll(() => server.stop());

  async function told(query: string): Promise<unknown> {
    const body = (await own.call('GET', `/payments?${query}&page_limit=1`)).body as {
      readonly pagination: { readonly total: number };
    };
    return body.pagination.total;
  }

  async function counted(condition: string): Promise<number> {
    const [row] = await server.sql(
      `SELECT count(*)::int AS total FROM disbursements.payments WHERE ${condition}`,
    );
    return Number(row?.['total']);
  }

  it.each([
    [
      'status=success&created_at_before=2026-03-05',
      `status = 'SUCCESS' AND created_at < '2026-03-06T00:00Z'`,
    ],
    ['created_at_before=2026-03-05', `created_at < '2026-03-06T00:00Z'`],
    ['created_at_after=2026-03-02', `created_at >= '2026-03-02T00:00Z'`],
    [
      'status=success&created_at_after=2026-03-02',
      `status = 'SUCCESS' AND created_at >= '2026-03-02T00:00Z'`,
    ],
    [
      'created_at_after=2026-03-02&created_at_before=2026-03-05',
      `created_at >= '2026-03-02T00:00Z' AND created_at < '2026-03-06T00:00Z'`,
    ],
    ['created_at_before=2026-03-03', `created_at < '2026-03-04T00:00Z'`],
    [
      'type=disbursement&created_at_after=2026-03-02',
      `type = 'DISBURSEMENT' AND created_at >= '2026-03-02T00:00Z'`,
    ],
    ['created_at_before=2026-05-01', 'true'],
  ])('is exact for %s', async (query, condition) => {
    const wanted = await counted(condition);
    expect(wanted).toBeGreaterThan(10_000);
    expect(await told(query)).toBe(wanted);
  });

  it('needs only the payments of the other time where most of the time is asked for', async () => {
    await server.sql('UPDATE disbursements.disbursements SET count_success = count_success + 1');
    const most = await counted(`status = 'SUCCESS' AND created_at < '2026-03-05T00:00Z'`);
    expect(await told('status=success&created_at_before=2026-03-04')).toBe(most + 1);
    const half = await counted(`status = 'SUCCESS' AND created_at >= '2026-03-04T00:00Z'`);
    expect(half).toBeGreaterThan(10_000);
    expect(await told('status=success&created_at_after=2026-03-04')).toBe(half);
    await server.sql('UPDATE disbursements.disbursements SET count_success = count_success - 1');
  });
});
