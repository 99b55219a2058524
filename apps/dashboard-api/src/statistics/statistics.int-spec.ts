import { newId } from '@libs/kernel';

import { DisbursementWorld } from '../testing/disbursement-world';
import { TestServer } from '../testing/test-server';

const ISSUERS = [
  'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN',
  'GDQP2KPQGKIHYJGXNUIYOMHARUARCA7DJT5FO2FFOOKY3B2WSQHG4W37',
];
const NO_AMOUNTS = { draft: '', ready: '', pending: '', paused: '', success: '', failed: '', canceled: '' };
const NO_PAYMENTS = { draft: 0, ready: 0, pending: 0, paused: 0, success: 0, failed: 0, canceled: 0 };

describe('statistics', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  it('are zeros for an organisation that has nothing yet', async () => {
    const world = await DisbursementWorld.make(server, 'empty');
    const reply = await world.call('GET', '/statistics');
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({
      payment_counters: { ...NO_PAYMENTS, total: 0 },
      payment_amounts_by_asset: [],
      receiver_wallets_counters: { draft: 0, ready: 0, registered: 0, flagged: 0, total: 0 },
      total_receivers: 0,
      total_disbursements: 0,
    });
  });

  it('count payments, people and sums of the organisation and of one disbursement', async () => {
    const world = await DisbursementWorld.make(server, 'busy');
    world.fund(1_000_0000000n);
    const [started, waiting] = [await world.started(3), await world.ready(2, { amount: '0.0000001' })];
    await world.movePayments(started.id, 'submit');
    await world.movePayments(started.id, 'settle');
    expect((await world.call('GET', '/statistics')).body).toEqual({
      payment_counters: { ...NO_PAYMENTS, draft: 2, success: 3, total: 5 },
      payment_amounts_by_asset: [
        {
          asset_code: 'XLM',
          asset_issuer: '',
          payment_amounts: {
            ...NO_AMOUNTS,
            draft: '0.0000002',
            success: '30.0000000',
            average: '6.0000000',
            total: '30.0000002',
          },
        },
      ],
      receiver_wallets_counters: { draft: 5, ready: 0, registered: 0, flagged: 0, total: 5 },
      total_receivers: 5,
      total_disbursements: 2,
    });
    const one = await world.call('GET', `/statistics/${waiting}`, undefined, 'developer');
    expect(one.status).toBe(200);
    expect(one.body).toEqual({
      payment_counters: { ...NO_PAYMENTS, draft: 2, total: 2 },
      payment_amounts_by_asset: [
        {
          asset_code: 'XLM',
          asset_issuer: '',
          payment_amounts: { ...NO_AMOUNTS, draft: '0.0000002', average: '0.0000001', total: '0.0000002' },
        },
      ],
      receiver_wallets_counters: { draft: 2, ready: 0, registered: 0, flagged: 0, total: 2 },
      total_receivers: 2,
    });
  });

  it('keep assets of one code and different issuers apart, and count direct payments', async () => {
    const [issuer, other] = [ISSUERS[0] ?? '', ISSUERS[1] ?? ''];
    const world = await DisbursementWorld.make(server, 'twins', { code: 'AID', issuer });
    const [payment] = await readyPayments(world);
    const twin = newId();
    await server.sql(
      `INSERT INTO catalogue.assets (tenant_id, id, code, issuer) VALUES ($1, $2, 'AID', $3)`,
      [world.tenant.id, twin, other],
    );
    await server.sql(
      `INSERT INTO disbursements.payments (tenant_id, id, type, receiver_id, receiver_wallet_id, asset_id, amount, status)
       SELECT tenant_id, $3, 'DIRECT', receiver_id, receiver_wallet_id, $4, 70000000, 'READY'
         FROM disbursements.payments WHERE tenant_id = $1 AND id = $2`,
      [world.tenant.id, payment, newId(), twin],
    );
    const { body } = await world.call('GET', '/statistics');
    expect(body).toMatchObject({ payment_counters: { draft: 1, ready: 1, total: 2 } });
    const byAsset = Reflect.get(Object(body), 'payment_amounts_by_asset') as readonly {
      readonly asset_issuer: string;
      readonly payment_amounts: Readonly<Record<string, string>>;
    }[];
    const totals = byAsset.map(({ asset_issuer: of, payment_amounts: amounts }) => [of, amounts['total']]);
    expect(new Map(totals as [string, string][])).toEqual(
      new Map([
        [issuer, '10.0000000'],
        [other, '7.0000000'],
      ]),
    );
  });

  it('have sums that no single payment could have', async () => {
    const world = await DisbursementWorld.make(server, 'rich');
    const most = { amount: '922337203685.4775807' };
    for (const amount of [most, most]) await world.ready(1, amount);
    const reply = await world.call('GET', '/statistics');
    expect([reply.status, reply.body]).toMatchObject([
      200,
      {
        payment_amounts_by_asset: [
          {
            payment_amounts: {
              draft: '1844674407370.9551614',
              average: '922337203685.4775807',
              total: '1844674407370.9551614',
            },
          },
        ],
      },
    ]);
  });

  it('of another organisation, or of no disbursement, are not found', async () => {
    const [mine, theirs] = [
      await DisbursementWorld.make(server, 'mine'),
      await DisbursementWorld.make(server, 'theirs'),
    ];
    const id = await theirs.ready(1);
    for (const unknown of [id, newId(), 'nothing']) {
      const reply = await mine.call('GET', `/statistics/${unknown}`);
      expect(reply.status).toBe(404);
      expect(reply.body).toEqual({ error: `a disbursement with the id ${unknown} does not exist` });
    }
    expect((await mine.call('GET', '/statistics')).body).toMatchObject({ total_receivers: 0 });
  });
});

async function readyPayments(world: DisbursementWorld): Promise<string[]> {
  const id = await world.ready(1);
  const rows = await world.server.sql('SELECT id FROM disbursements.payments WHERE disbursement_id = $1', [
    id,
  ]);
  return rows.map((row) => String(row['id']));
}
