import { newId } from '@libs/kernel';

import { DisbursementWorld } from '../testing/disbursement-world';
import { TestServer } from '../testing/test-server';

interface Row {
  readonly id: string;
  readonly status: string;
  readonly type: string;
  readonly created_at: string;
  readonly updated_at: string;
}

const DAYS = 6;
const A_DAY = 500;
const PAYMENTS = DAYS * A_DAY;
const [FIRST_DAY, LAST_DAY] = ['2026-03-01', '2026-03-06'];

/** Three thousand payments of six days, each of which changed last at some time in the twelve days after it was made. */
describe('lists of payments', () => {
  let server: TestServer;
  let own: DisbursementWorld;
  let all: readonly Row[];

  beforeAll(async () => {
    server = await TestServer.start();
    own = await DisbursementWorld.make(server, 'acme');
    const [receiverId, receiverWalletId] = [newId(), newId()];
    await server.sql(
      `INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id) VALUES ($1, $2, '+254700000001', 'P-1')`,
      [own.tenant.id, receiverId],
    );
    await server.sql(
      `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status) VALUES ($1, $2, $3, $4, 'READY')`,
      [own.tenant.id, receiverWalletId, receiverId, own.walletId],
    );
    await server.sql(
      `INSERT INTO disbursements.payments (tenant_id, id, type, receiver_id, receiver_wallet_id, asset_id, amount, status,
         dispatch, stellar_transaction_id, created_at, updated_at)
       SELECT $1, gen_random_uuid(), 'DIRECT', $2, $3, $4, 10, CASE WHEN n % 7 = 3 THEN 'FAILED' ELSE 'SUCCESS' END, 1, repeat('a', 64), at,
              at + n * 7919 % ${String(PAYMENTS)} * interval '${String(2 * DAYS)} days' / ${String(PAYMENTS)}
         FROM generate_series(0, ${String(PAYMENTS - 1)}) AS n
        CROSS JOIN LATERAL (SELECT timestamptz '${FIRST_DAY}T00:00:00Z'
          + n * 2741 % ${String(PAYMENTS)} * interval '${String(DAYS)} days' / ${String(PAYMENTS)} AS at) made`,
      [own.tenant.id, receiverId, receiverWalletId, own.assetId],
    );
    all = (await server.sql(
      `SELECT id, status, type, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS created_at,
              to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS updated_at
         FROM disbursements.payments WHERE tenant_id = $1`,
      [own.tenant.id],
    )) as unknown as readonly Row[];
  });
  afterAll(() => server.stop());

  const DAYS_ASKED = [
    { name: 'one day', from: '2026-03-02', to: '2026-03-02' },
    { name: 'the first days', from: null, to: '2026-03-03' },
    { name: 'the last days', from: '2026-03-04', to: null },
    { name: 'nearly all days', from: FIRST_DAY, to: '2026-03-05' },
    { name: 'a day without payments', from: '2026-02-01', to: '2026-02-01' },
  ];
  const cases = DAYS_ASKED.flatMap(({ name, from, to }) =>
    (['created_at', 'updated_at'] as const).flatMap((sort) =>
      (['asc', 'desc'] as const).flatMap((direction) =>
        [null, 'SUCCESS', 'FAILED'].map((status) => ({ name, from, to, sort, direction, status })),
      ),
    ),
  );

  it.each(cases)(
    'of $name by $sort $direction, with the status $status, have the right rows on the first, a middle and the last page',
    async ({ from, to, sort, direction, status }) => {
      const wanted = all
        .filter((row) => status === null || row.status === status)
        .filter(({ created_at: at }) => (from ?? FIRST_DAY) <= at && at.slice(0, 10) <= (to ?? LAST_DAY))
        .toSorted((one, other) => `${one[sort]} ${one.id}`.localeCompare(`${other[sort]} ${other.id}`))
        .map(({ id }) => id);
      if (direction === 'desc') wanted.reverse();
      const pages = Math.ceil(wanted.length / 100);
      for (const page of new Set([1, Math.max(1, pages >> 1), Math.max(1, pages)])) {
        const query = new URLSearchParams({ sort, direction, page: String(page), page_limit: '100' });
        if (from !== null) query.set('created_at_after', from);
        if (to !== null) query.set('created_at_before', to);
        if (status !== null) query.set('status', status);
        const { status: answered, body } = await own.call('GET', `/payments?${query.toString()}`);
        const { data, pagination } = body as { data: Row[]; pagination: { total: number } };
        expect([answered, pagination.total]).toEqual([200, wanted.length]);
        expect(data.map(({ id }) => id)).toEqual(wanted.slice((page - 1) * 100, page * 100));
      }
    },
  );
});
