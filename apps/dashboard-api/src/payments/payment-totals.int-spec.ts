import { FIRST_DAY, momentsOf } from '../testing/dated-lists';
import { DisbursementWorld } from '../testing/disbursement-world';
import { TestServer } from '../testing/test-server';

/** So many that they are not counted one by one at each request. */
const PAYMENTS = 24_000;

/**
 * Twenty-four thousand payments of the first six days of March 2026: every eighth direct, every seventh failed, the others in three
 * disbursements, each of which had its file in two of the days.
 */
describe('the total of a list of very many payments', () => {
  let server: TestServer;
  let own: DisbursementWorld;

  beforeAll(async () => {
    server = await TestServer.start();
    own = await DisbursementWorld.make(server, 'acme');
    const { receiverId, receiverWalletId } = await own.payee();
    await server.sql(
      `WITH rounds AS (INSERT INTO disbursements.disbursements
         (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type, verification_field, current_upload_id, created_at)
       SELECT $1, gen_random_uuid(), 'Round ' || n, $2, $3, 'STARTED', 'PHONE_NUMBER', 'DATE_OF_BIRTH', gen_random_uuid(),
              timestamptz '${FIRST_DAY}T00:00:00Z' + n * interval '48 hours' FROM generate_series(0, 2) AS n RETURNING *)
       INSERT INTO disbursements.uploads (tenant_id, id, disbursement_id, file_name, parts, size_bytes, row_count, total_amount, created_at)
       SELECT tenant_id, current_upload_id, id, 'people.csv', 0, 0, 0, 0, created_at + interval '48 hours' FROM rounds`,
      [own.tenant.id, own.assetId, own.walletId],
    );
    const made = momentsOf(PAYMENTS);
    await server.sql(
      `INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount, status,
         dispatch, stellar_transaction_id, created_at, updated_at)
       SELECT $1, gen_random_uuid(), CASE WHEN n % 8 = 0 THEN 'DIRECT' ELSE 'DISBURSEMENT' END, CASE WHEN n % 8 = 0 THEN NULL ELSE d.id END,
              $2, $3, $4, 10, CASE WHEN n % 7 = 3 THEN 'FAILED' ELSE 'SUCCESS' END, 1, repeat('a', 64), at, ${made.changed}
         FROM ${made.rows}
         JOIN disbursements.disbursements d ON at >= d.created_at AND at < d.created_at + interval '48 hours'`,
      [own.tenant.id, receiverId, receiverWalletId, own.assetId],
    );
    await server.sql(
      `UPDATE disbursements.disbursements d SET count_success = c.paid, count_failed = c.failed
         FROM (SELECT disbursement_id, count(*) FILTER (WHERE status = 'SUCCESS') AS paid, count(*) FILTER (WHERE status = 'FAILED') AS failed
                 FROM disbursements.payments GROUP BY disbursement_id) c WHERE d.id = c.disbursement_id`,
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

  it('takes the counters of what was wholly in the time, and looks at the payments of what was partly in it', async () => {
    await server.sql('UPDATE disbursements.disbursements SET count_success = count_success + 1');
    const first = await counted(`status = 'SUCCESS' AND created_at < '2026-03-06T00:00Z'`);
    expect(await told('status=success&created_at_before=2026-03-05&created_at_after=2026-02-01')).toBe(
      first + 2,
    );
    const last = await counted(`created_at >= '2026-03-02T00:00Z'`);
    expect(await told('created_at_after=2026-03-02&created_at_before=2026-04-01')).toBe(last + 2);
    await server.sql('UPDATE disbursements.disbursements SET count_success = count_success - 1');
  });

  it('counts all where too many would be looked at, because nobody knows when their files came', async () => {
    await server.sql('DELETE FROM disbursements.uploads');
    await server.sql('UPDATE disbursements.disbursements SET count_success = count_success + 1');
    expect(await told('created_at_before=2026-03-20')).toBe(PAYMENTS);
    await server.sql('UPDATE disbursements.disbursements SET count_success = count_success - 1');
  });
});
