import { DirectPaymentsRepository, DisbursementsRepository, OutcomesRepository } from '@libs/disbursements';
import { newId } from '@libs/kernel';

import { DisbursementWorld, idOf } from './testing/disbursement-world';
import { overtake } from './testing/overtake';
import { letWalletTakeTheAsset, person } from './testing/people';
import { type Reply, TestServer, type TestTenant } from './testing/test-server';

const UNIT = 10_000_000n;

describe('an Idempotency-Key on a request that creates a disbursement', () => {
  let server: TestServer;
  let acme: TestTenant;
  let token: string;
  let order: Record<string, unknown>;

  beforeAll(async () => {
    server = await TestServer.start();
    acme = await server.tenant('acme');
    token = await server.tokenFor(acme, 'owner');
    const asset = await server.call('POST', '/assets', { token, json: { code: 'XLM' } });
    const wallet = await server.call('POST', '/wallets', {
      token,
      json: {
        name: 'Kite',
        homepage: 'https://kite.example.org',
        deep_link_schema: 'kite://x',
        sep_10_client_domain: 'kite.example.org',
        assets: [{ type: 'native' }],
      },
    });
    order = {
      name: 'March',
      asset_id: Reflect.get(Object(asset.body), 'id'),
      wallet_id: Reflect.get(Object(wallet.body), 'id'),
      registration_contact_type: 'PHONE_NUMBER',
      verification_field: 'PIN',
    };
  });
  afterAll(() => server.stop());

  const create = (json: object, key: string, by = token) =>
    server.call('POST', '/disbursements', { token: by, json, headers: { 'Idempotency-Key': key } });

  it('gives the same answer for the same request, also when both come at once', async () => {
    const replies = await Promise.all([1, 2, 3].map(() => create(order, 'one')));
    expect(replies.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(await server.sql('SELECT id FROM disbursements.disbursements')).toHaveLength(1);
  });

  it('gives it also where the path is spelled in another way', async () => {
    const again = await server.call('POST', '/Disbursements/', {
      ...{ token, json: order, headers: { 'Idempotency-Key': 'one' } },
    });
    expect(again.status).toBe(201);
    expect(await server.sql('SELECT id FROM disbursements.disbursements')).toHaveLength(1);
  });

  it('answers 409 for another body, and 400 for a key that is none', async () => {
    const other = await create({ ...order, name: 'April' }, 'one');
    expect(other.status).toBe(409);
    expect(other.body).toEqual({ error: 'this Idempotency-Key was used for another request' });
    expect((await create(order, 'x'.repeat(256))).status).toBe(400);
  });

  it('is not used up by a request that was refused', async () => {
    const taken = await create(order, 'two');
    expect(taken.status).toBe(409);
    expect(taken.body).toEqual({ error: 'disbursement already exists' });
    expect((await create({ ...order, name: 'May' }, 'two')).status).toBe(201);
  });

  it('belongs to its person', async () => {
    const colleague = await server.tokenFor(acme, 'initiator');
    expect((await create({ ...order, name: 'June' }, 'one', colleague)).status).toBe(201);
  });
});

describe('an Idempotency-Key on a request that moves money', () => {
  let server: TestServer;
  let own: DisbursementWorld;

  beforeAll(async () => {
    server = await TestServer.start();
    own = await DisbursementWorld.make(server, 'acme');
    own.fund(10_000n * UNIT);
    await letWalletTakeTheAsset(own);
  });
  afterAll(() => server.stop());

  /** Ten at once and one afterwards, all with one key. */
  async function elevenTimes(method: string, path: string, json: object = {}): Promise<readonly Reply[]> {
    const token = await own.token('financial_controller');
    const headers = { 'Idempotency-Key': newId() };
    const call = (): Promise<Reply> => server.call(method, path, { token, headers, json });
    const replies = await Promise.all(Array.from({ length: 10 }, call));
    return [...replies, await call()];
  }

  function expectAll(replies: readonly Reply[], body: object): void {
    expect(replies).toHaveLength(11);
    for (const reply of replies) expect([reply.status, reply.body]).toEqual([200, body]);
  }

  const countOf = async (type: string): Promise<number> =>
    (await own.events()).filter((event) => event.type === type).length;

  /** The id of a direct payment that somebody has to approve. */
  async function waitingPayment(): Promise<string> {
    await server.sql('UPDATE tenants.organizations SET is_approval_required = true WHERE tenant_id = $1', [
      own.tenant.id,
    ]);
    const made = await own.call('POST', '/payments', {
      amount: '10',
      asset: { id: own.assetId },
      receiver: { id: (await person(own)).id },
      wallet: { id: own.walletId },
    });
    await server.sql('UPDATE tenants.organizations SET is_approval_required = false WHERE tenant_id = $1', [
      own.tenant.id,
    ]);
    return idOf(made);
  }

  it('belongs to one API key: two programs of one person that count alike are both paid for', async () => {
    const { id: createdBy } = await server.user(own.tenant, 'financial_controller');
    const json = {
      amount: '5',
      asset: { id: own.assetId },
      receiver: { id: (await person(own)).id },
      wallet: { id: own.walletId },
    };
    const keys = [];
    for (let program = 0; program < 2; program += 1)
      keys.push(await server.apiKey(own.tenant, { createdBy, permissions: ['write:payments'] }));
    const made = new Set<string>();
    for (const token of [...keys, ...keys]) {
      const headers = { 'SDP-Tenant-Name': own.tenant.name, 'Idempotency-Key': '2026-11' };
      made.add(idOf(await server.call('POST', '/payments', { token, headers, json })));
    }
    expect(made.size).toBe(2);
    expect(
      await server.sql(`SELECT id FROM disbursements.payments WHERE type = 'DIRECT' AND amount = $1`, [
        5n * UNIT,
      ]),
    ).toHaveLength(2);
  });

  it('retries payments once', async () => {
    const { payments } = await own.failed(3);
    const replies = await elevenTimes('PATCH', '/payments/retry', { payment_ids: payments });
    expectAll(replies, { message: 'Payments retried successfully' });
    expect(await countOf('payment-retried')).toBe(1);
  });

  it('starts, pauses and resumes a disbursement once, and tells each time what may still be paid', async () => {
    const id = await own.ready(2);
    const path = `/disbursements/${id}/status`;
    const before = await countOf('disbursement-started');
    expectAll(await elevenTimes('PATCH', path, { status: 'STARTED' }), { message: 'Disbursement started' });
    expect(await countOf('disbursement-started')).toBe(before + 1);
    await own.movePayments(id, 'release');
    const [sent = ''] = await own.movePayments(id, 'submit');
    await own.sentToLedger(sent);
    expectAll(await elevenTimes('PATCH', path, { status: 'PAUSED' }), {
      message: 'Disbursement paused',
      may_still_be_paid: [{ payment_id: sent, until: expect.stringMatching(/Z$/) as unknown }],
    });
    expectAll(await elevenTimes('PATCH', path, { status: 'STARTED' }), { message: 'Disbursement started' });
    expect([await countOf('disbursement-paused'), await countOf('disbursement-resumed')]).toEqual([1, 1]);
  });

  it('is answered as the first was when the first is done before the second looks around', async () => {
    const token = await own.token('financial_controller');
    const twice = async (
      [method, path, json]: readonly [string, string, object],
      slow: (act: () => Promise<unknown>) => void,
    ): Promise<void> => {
      const call = (key: string): Promise<Reply> =>
        server.call(method, path, { token, headers: { 'Idempotency-Key': key }, json });
      const key = newId();
      const first: string[] = [];
      slow(async () => {
        first.push((await call(key)).text);
      });
      const second = await call(key);
      expect([second.status, [second.text]]).toEqual([200, first]);
      expect((await call(newId())).status).toBe(400);
    };
    const { payments } = await own.failed(1);
    await twice(['PATCH', '/payments/retry', { payment_ids: payments }], (act) => {
      overtake(OutcomesRepository.prototype, 'lock', act);
    });
    await twice(['PATCH', `/disbursements/${await own.ready(1)}/status`, { status: 'STARTED' }], (act) => {
      overtake(DisbursementsRepository.prototype, 'find', act);
    });
    await twice(['POST', `/payments/${await waitingPayment()}/approval`, {}], (act) => {
      overtake(DirectPaymentsRepository.prototype, 'find', act);
    });
  });

  it('cannot pause with the key of a start', async () => {
    const id = await own.ready(1);
    const call = async (status: string): Promise<Reply> =>
      await server.call('PATCH', `/disbursements/${id}/status`, {
        token: await own.token(),
        headers: { 'Idempotency-Key': 'start' },
        json: { status },
      });
    expect((await call('STARTED')).status).toBe(200);
    expect((await call('PAUSED')).status).toBe(409);
  });

  it('approves a direct payment once', async () => {
    const before = await countOf('payment-direct-payment-created');
    const replies = await elevenTimes('POST', `/payments/${await waitingPayment()}/approval`);
    expectAll(replies, { message: 'Payment approved' });
    expect(await countOf('payment-direct-payment-created')).toBe(before + 1);
  });
});
