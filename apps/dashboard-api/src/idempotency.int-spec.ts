import { TestServer, type TestTenant } from './testing/test-server';

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
