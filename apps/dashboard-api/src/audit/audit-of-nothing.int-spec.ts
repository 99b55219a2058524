import { newId } from '@libs/kernel';

import { fundedWorld } from '../testing/funds';
import type { DisbursementWorld } from '../testing/disbursement-world';
import { type Reply, TestServer } from '../testing/test-server';

/** PostgreSQL cannot tell a lock from a change, so a request that only locked something would be told as if it were done. */
describe('the audit log tells nothing', () => {
  let server: TestServer;
  let own: DisbursementWorld;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  beforeEach(async () => {
    own = await fundedWorld(server);
  });
  afterAll(() => server.stop());

  const told = async (): Promise<unknown[]> =>
    (
      await server.sql('SELECT action FROM identity.audit_log WHERE tenant_id = $1 ORDER BY seq', [
        own.tenant.id,
      ])
    ).map(({ action }) => action);
  const keyed = async (method: string, path: string, key: string, json: object): Promise<Reply> =>
    await server.call(method, path, {
      token: await own.token(),
      json,
      headers: { 'Idempotency-Key': key },
    });

  it('of a request that gets its answer again', async () => {
    const { id } = await own.started(1);
    const [create, pause] = [newId(), newId()];
    const asset = { name: 'asked twice', asset_id: own.assetId, wallet_id: own.walletId };
    const order = { ...asset, registration_contact_type: 'PHONE_NUMBER', verification_field: 'PIN' };
    const ask = async (): Promise<number[]> => [
      (await keyed('POST', '/disbursements', create, order)).status,
      (await keyed('PATCH', `/disbursements/${id}/status`, pause, { status: 'PAUSED' })).status,
    ];
    expect(await ask()).toEqual([201, 200]);
    const once = await told();
    expect(once.slice(-2)).toEqual(['POST /disbursements', 'PATCH /disbursements/:id/status']);
    expect(await ask()).toEqual([201, 200]);
    expect(await told()).toEqual(once);
  });

  it('of requests with one key that wait for the first of them', async () => {
    const { payments } = await own.started(1);
    const create = newId();
    const asset = { name: 'asked at once', asset_id: own.assetId, wallet_id: own.walletId };
    const order = { ...asset, registration_contact_type: 'PHONE_NUMBER', verification_field: 'PIN' };
    const path = `/payments/${payments[0] ?? ''}/status`;
    await own.token();
    const before = await told();
    const three = async (ask: () => Promise<Reply>): Promise<number[]> =>
      (await Promise.all([ask(), ask(), ask()])).map(({ status }) => status);
    expect(await three(() => keyed('POST', '/disbursements', create, order))).toEqual([201, 201, 201]);
    expect(await three(() => keyed('PATCH', path, create, { status: 'CANCELED' }))).toEqual([200, 200, 200]);
    expect((await told()).slice(before.length)).toEqual([
      'POST /disbursements',
      'PATCH /payments/:id/status',
    ]);
  });

  it('of what the operator was refused', async () => {
    await own.started(1);
    const before = await told();
    const off = { json: { status: 'TENANT_DEACTIVATED' } };
    const refused = await server.operate('PATCH', `/tenants/${own.tenant.id}`, off);
    expect(refused.status).toBe(400);
    expect(await told()).toEqual(before);
  });

  it('of a passkey that was not added', async () => {
    const token = await own.token();
    const before = await told();
    expect((await server.call('POST', '/profile/passkeys/options', { token })).status).toBe(200);
    const wrong = { token, json: { name: 'Mine', response: { id: 'x' } } };
    expect((await server.call('POST', '/profile/passkeys', wrong)).status).toBe(400);
    expect((await told()).filter((action) => action === 'POST /profile/passkeys')).toEqual([]);
    expect(before).not.toContain('POST /profile/passkeys');
  });
});
