import { newId } from '@libs/kernel';
import { OutflowCeilings } from '@libs/submissions';

import { DisbursementWorld } from '../testing/disbursement-world';
import { overtake } from '../testing/overtake';
import { TestServer } from '../testing/test-server';

describe("the operator's ceilings on what a tenant pays per hour", () => {
  let server: TestServer;
  let path: string;
  beforeAll(async () => {
    server = await TestServer.start();
    const { tenant } = await DisbursementWorld.make(server, 'acme');
    path = `/tenants/${tenant.id}/outflow-ceilings`;
  });
  afterAll(() => server.stop());

  const put = (json: unknown, to = path): ReturnType<TestServer['operate']> =>
    server.operate('PUT', to, { json });
  const order = { asset_code: 'XLM', amount_per_hour: '250.5', reason: 'a new customer' };

  it('are set, changed, shown and removed, and who did so and why is kept', async () => {
    const ceiling = {
      asset_code: 'XLM',
      asset_issuer: '',
      amount_per_hour: '250.5000000',
      used_in_the_last_hour: '0.0000000',
      reached_at: null,
    };
    const set = await put(order);
    expect([set.status, set.body]).toEqual([200, [ceiling]]);
    const changed = { ...ceiling, amount_per_hour: '1000.0000000' };
    expect((await put({ ...order, amount_per_hour: '1000' })).body).toEqual([changed]);
    expect((await server.operate('GET', path)).body).toEqual([changed]);
    expect((await put({ ...order, amount_per_hour: null })).body).toEqual([]);
    expect((await put({ ...order, amount_per_hour: null })).status).toBe(404);
    const decisions = await server.sql(
      `SELECT kind, actor, reason, details ->> 'per_hour' AS per_hour FROM submissions.operator_decisions ORDER BY decided_at`,
    );
    const { ADMIN_ACCOUNT } = server.platform.settings;
    const kept = { kind: 'outflow-ceiling', actor: `operator:${ADMIN_ACCOUNT}`, reason: 'a new customer' };
    expect(decisions).toEqual([
      { ...kept, per_hour: '2505000000' },
      { ...kept, per_hour: '10000000000' },
      { ...kept, per_hour: null },
    ]);
    // The organisation sees it too.
    const audited = await server.sql(
      `SELECT actor_type, before ->> 'asset_code' AS asset, before ->> 'amount_per_hour' AS before, after ->> 'amount_per_hour' AS after, after ->> 'reason' AS reason
         FROM identity.audit_log WHERE action = 'PUT /tenants/:id/outflow-ceilings' ORDER BY seq`,
    );
    const told = { actor_type: 'operator', asset: 'XLM', reason: 'a new customer' };
    expect(audited).toEqual([
      { ...told, before: null, after: '250.5000000' },
      { ...told, before: '250.5000000', after: '1000.0000000' },
      { ...told, before: '1000.0000000', after: null },
    ]);
  });

  it('are told as they were before, also when two operators change one at once', async () => {
    await put({ ...order, amount_per_hour: '1', reason: 'at once' });
    let second: ReturnType<typeof put> | undefined;
    overtake(OutflowCeilings.prototype, 'set', async () => {
      second = put({ ...order, amount_per_hour: '2', reason: 'at once' });
      await Promise.race([second, server.waitsForLock()]);
    });
    expect((await put({ ...order, amount_per_hour: '3', reason: 'at once' })).status).toBe(200);
    expect((await second)?.status).toBe(200);
    const told = await server.sql(
      `SELECT before ->> 'amount_per_hour' AS before, after ->> 'amount_per_hour' AS after
         FROM identity.audit_log WHERE after ->> 'reason' = 'at once' ORDER BY seq`,
    );
    expect(told).toEqual([
      { before: null, after: '1.0000000' },
      { before: '1.0000000', after: '3.0000000' },
      { before: '3.0000000', after: '2.0000000' },
    ]);
  });

  it.each([
    ['no reason', { reason: ' ' }, 'reason'],
    ['no amount', { amount_per_hour: undefined }, 'amount_per_hour'],
    ['a negative amount', { amount_per_hour: '-1' }, 'amount_per_hour'],
    ['a number', { amount_per_hour: 1 }, 'amount_per_hour'],
    ['an unknown issuer', { asset_code: 'USDC', asset_issuer: 'GWRONG' }, 'asset_code'],
    ['no asset', { asset_code: undefined }, 'asset_code'],
  ])('are refused with %s', async (_, wrong, field) => {
    const answer = await put({ ...order, ...wrong });
    expect([answer.status, Object.keys((answer.body as { extras: object }).extras)]).toEqual([400, [field]]);
  });

  it('are of a tenant that exists', async () => {
    expect((await put(order, `/tenants/${newId()}/outflow-ceilings`)).status).toBe(404);
    expect((await server.operate('GET', '/tenants/nobody/outflow-ceilings')).status).toBe(404);
  });
});
