import { newId } from '@libs/kernel';

import { DisbursementWorld } from '../testing/disbursement-world';
import { fundedWorld } from '../testing/funds';
import { TestServer } from '../testing/test-server';

interface Listed {
  readonly pagination: Readonly<Record<string, unknown>>;
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

describe('payments', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  const world = (): Promise<DisbursementWorld> => fundedWorld(server);

  let own: DisbursementWorld;
  let disbursementId: string;
  let ids: string[];

  beforeAll(async () => {
    own = await world();
    disbursementId = await own.ready(3, { amount: '2.5' });
    ids = await own.movePayments(disbursementId, 'release');
    for (const [index, id] of ids.entries()) {
      const day = `2026-04-0${String(index + 1)}T10:00:00Z`;
      await server.sql(
        `UPDATE disbursements.payments SET created_at = $2, updated_at = $2, external_payment_id = $3 WHERE id = $1`,
        [id, day, `Invoice-${String(index)}`],
      );
      await server.sql(
        `INSERT INTO disbursements.payment_texts (tenant_id, payment_id, external_text) VALUES ($1, $2, $3)
         ON CONFLICT (tenant_id, payment_id) DO UPDATE SET external_text = excluded.external_text`,
        [own.tenant.id, id, `invoice-${String(index)}`],
      );
    }
    await server.sql(`UPDATE disbursements.disbursements SET name = 'Spring aid' WHERE id = $1`, [
      disbursementId,
    ]);
  });

  const found = async (query: string): Promise<number[]> => {
    const reply = await own.call('GET', `/payments?${query}`);
    expect(reply.status).toBe(200);
    return (reply.body as Listed).data.map(({ id }) => ids.indexOf(String(id)));
  };

  it('show everything about themselves', async () => {
    const [id = ''] = ids;
    expect(await own.payment(id)).toMatchObject({
      id,
      amount: '2.5000000',
      status: 'READY',
      status_history: [{ status: 'DRAFT' }, { status: 'READY' }],
      type: 'DISBURSEMENT',
      stellar_transaction_id: '',
      disbursement: { id: disbursementId, name: 'Spring aid', status: 'READY' },
      asset: { id: own.assetId, code: 'XLM', issuer: '' },
      receiver_wallet: { status: 'DRAFT', wallet: { id: own.walletId, name: 'Kite' } },
      external_payment_id: 'Invoice-0',
    });
  });

  it('are found by id in their organisation only', async () => {
    const stranger = await world();
    for (const [who, id] of [
      [stranger, ids[0] ?? ''],
      [own, newId()],
      [own, 'no-id'],
    ] as const) {
      expect(await who.call('GET', `/payments/${id}`)).toMatchObject({
        status: 404,
        body: { error: `Cannot retrieve payment with ID: ${id}` },
      });
    }
    expect((await stranger.call('GET', '/payments')).body).toEqual({
      pagination: { pages: 0, total: 0 },
      data: [],
    });
  });

  it.each([
    ['', [2, 1, 0]],
    ['sort=created_at&direction=asc', [0, 1, 2]],
    ['page_limit=1&page=2', [1]],
    ['status=ready', [2, 1, 0]],
    ['status=SUCCESS', []],
    ['type=disbursement', [2, 1, 0]],
    ['type=direct', []],
    ['q=invoice-1', [1]],
    ['q=SPRING', [2, 1, 0]],
    ['q=%25', []],
    ['receiver_id=nobody', []],
    ['created_at_before=2026-04-02', [1, 0]],
    ['created_at_after=2026-04-03', [2]],
  ])('are listed by "%s"', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  it('are found by their own id, their receiver and the address that they go to', async () => {
    expect(await found(`q=${ids[1]?.slice(0, 30) ?? ''}`)).toEqual([1]);
    const [row] = await server.sql(
      'SELECT receiver_id, receiver_wallet_id FROM disbursements.payments WHERE id = $1',
      [ids[2]],
    );
    expect(await found(`receiver_id=${String(row?.['receiver_id'])}`)).toEqual([2]);
    await server.sql('UPDATE receivers.receiver_wallets SET stellar_address = $2 WHERE id = $1', [
      row?.['receiver_wallet_id'],
      own.account,
    ]);
    expect(await found(`q=${own.account.slice(4, 40)}`)).toEqual([2]);
  });

  it('are refused for what cannot be meant', async () => {
    expect((await own.call('GET', '/payments?status=lost&type=gift&sort=amount')).body).toEqual({
      error: 'request invalid',
      extras: {
        status: 'invalid parameter. valid values are: [DRAFT READY PENDING PAUSED SUCCESS FAILED CANCELED]',
        type: "invalid payment type 'gift'. Must be 'direct' or 'disbursement'",
        sort: 'invalid sort field name',
      },
    });
  });
});
