import { DisbursementMoves, WorkItems } from '@libs/disbursements';
import { newId } from '@libs/kernel';

import { DisbursementWorld } from '../testing/disbursement-world';
import { overtake } from '../testing/overtake';
import { type Reply, TEST_ACCOUNT, TestServer, type TestTenant } from '../testing/test-server';

describe('an operator who changes tenants', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  const patch = (id: string, json: unknown): Promise<Reply> =>
    server.operate('PATCH', `/tenants/${id}`, { json });
  const remove = (id: string): Promise<Reply> => server.operate('DELETE', `/tenants/${id}`);
  const ownAccount = async (tenant: TestTenant, address: string): Promise<void> => {
    await server.sql(
      `UPDATE tenants.tenants SET distribution_account_type = 'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT',
              distribution_account_address = $2 WHERE id = $1`,
      [tenant.id, address],
    );
  };

  it('moves the addresses that its links are made of', async () => {
    const { id } = await server.tenant('moving');
    const reply = await patch(id, { base_url: 'https://pay.example.org/' });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      base_url: 'https://pay.example.org',
      sdp_ui_base_url: 'http://moving.staff.test',
      status: 'TENANT_PROVISIONED',
    });
  });

  it('is told everything that is wrong', async () => {
    const { id } = await server.tenant('wrong');
    expect((await patch(id, {})).body).toEqual({
      error: 'invalid request body',
      extras: { body: 'provide at least one of base_url, sdp_ui_base_url or status' },
    });
    const reply = await patch(id, { base_url: 'nowhere', sdp_ui_base_url: 'ftp://x', status: 'OFF' });
    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({
      error: 'invalid request body',
      extras: {
        base_url: 'invalid base URL value',
        sdp_ui_base_url: 'invalid SDP UI base URL value',
        status: 'invalid status value',
      },
    });
    const noLinks = await patch(id, { base_url: 'http:x', sdp_ui_base_url: 'https:/x' });
    expect([noLinks.status, noLinks.body]).toEqual([
      400,
      {
        error: 'invalid request body',
        extras: { base_url: 'invalid base URL value', sdp_ui_base_url: 'invalid SDP UI base URL value' },
      },
    ]);
    expect((await patch(id, { status: 'TENANT_CREATED' })).body).toEqual({
      error: 'cannot perform update on tenant to requested status',
    });
    expect((await patch(id, { status: 'TENANT_ACTIVATED' })).body).toEqual({
      error: 'cannot activate tenant for tenant that is not deactivated',
    });
    for (const unknown of [newId(), 'nobody']) {
      expect((await patch(unknown, { status: 'TENANT_DEACTIVATED' })).status).toBe(404);
      expect((await remove(unknown)).status).toBe(404);
    }
  });

  it('gives it no address with a part that would be lost behind it', async () => {
    const { id } = await server.tenant('built');
    const reply = await patch(id, { base_url: 'https://x.test/?a=b', sdp_ui_base_url: 'https://x.test\n' });
    expect([reply.status, reply.body]).toEqual([
      400,
      {
        error: 'invalid request body',
        extras: { base_url: 'invalid base URL value', sdp_ui_base_url: 'invalid SDP UI base URL value' },
      },
    ]);
    const good = await patch(id, { base_url: 'http://münchen.test:8001/pay/' });
    expect(good.body).toMatchObject({ base_url: 'http://münchen.test:8001/pay' });
  });

  it('switches a tenant off: who was signed in is out at once, and nothing is paid until it is on again', async () => {
    const tenant = await server.tenant('dormant');
    const token = await server.tokenFor(tenant, 'owner');
    const holds = () => server.sql('SELECT reason FROM submissions.holds WHERE tenant_id = $1', [tenant.id]);
    expect((await server.call('GET', '/profile', { token })).status).toBe(200);
    const off = await patch(tenant.id, { status: 'TENANT_DEACTIVATED' });
    expect(off.body).toMatchObject({ status: 'TENANT_DEACTIVATED' });
    expect((await patch(tenant.id, { status: 'TENANT_DEACTIVATED' })).status).toBe(200);
    expect((await server.call('GET', '/profile', { token })).status).toBe(401);
    expect(await holds()).toEqual([{ reason: 'tenant deactivated' }]);
    const on = await patch(tenant.id, { status: 'TENANT_ACTIVATED' });
    expect(on.body).toMatchObject({ status: 'TENANT_ACTIVATED' });
    expect((await server.call('GET', '/profile', { token })).status).toBe(200);
    expect(await holds()).toEqual([]);
    const log = await server.sql(
      `SELECT actor_type, actor_id, action, before->>'status' AS before, after->>'status' AS after
         FROM identity.audit_log WHERE tenant_id = $1 AND subject_type = 'tenants' ORDER BY seq`,
      [tenant.id],
    );
    expect(log).toContainEqual({
      actor_type: 'operator',
      actor_id: 'operator',
      action: 'PATCH /tenants/:id',
      before: 'TENANT_PROVISIONED',
      after: 'TENANT_DEACTIVATED',
    });
  });

  it('does not switch off the default tenant, nor one with payments on their way', async () => {
    const chosen = await server.tenant('chosen');
    await server.sql('UPDATE tenants.tenants SET is_default = true WHERE id = $1', [chosen.id]);
    const reply = await patch(chosen.id, { status: 'TENANT_DEACTIVATED' });
    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({ error: 'cannot deactivate default tenant' });
    const world = await DisbursementWorld.make(server, 'paying');
    world.fund(1_000_0000000n);
    const { id } = await world.started(1);
    for (const move of ['submit', 'settle'] as const) {
      const refused = await patch(world.tenant.id, { status: 'TENANT_DEACTIVATED' });
      expect(refused.status).toBe(400);
      expect(refused.body).toEqual({ error: 'cannot deactivate tenant with active payments' });
      await world.movePayments(id, move);
    }
    expect((await patch(world.tenant.id, { status: 'TENANT_DEACTIVATED' })).status).toBe(200);
  });

  it('does not switch off a tenant that has just started something, and starts nothing that comes too late', async () => {
    const off = { status: 'TENANT_DEACTIVATED' };
    const world = await DisbursementWorld.make(server, 'starting');
    world.fund(1_000_0000000n);
    const [first, second] = [await world.ready(1), await world.ready(1)];
    overtake(DisbursementMoves.prototype, 'lock', () => patch(world.tenant.id, off));
    const late = await world.setStatus(first, 'STARTED');
    expect([late.status, late.body]).toEqual([401, { error: 'Not authorized.' }]);
    expect(await world.promised()).toBe(0n);
    await patch(world.tenant.id, { status: 'TENANT_ACTIVATED' });
    const switchedOff: Promise<Reply>[] = [];
    overtake(WorkItems.prototype, 'put', async () => {
      switchedOff.push(patch(world.tenant.id, off));
      await server.waitsForLock();
    });
    expect((await world.setStatus(second, 'STARTED')).status).toBe(200);
    expect((await world.payments(second)).map(({ status }) => status)).toEqual(['DRAFT']);
    for (const reply of [...(await Promise.all(switchedOff)), await patch(world.tenant.id, off)]) {
      expect([reply.status, reply.body]).toEqual([
        400,
        { error: 'cannot deactivate tenant with active payments' },
      ]);
    }
  });

  it('deletes a tenant that was switched off, once, and its name stays taken', async () => {
    const { id } = await server.tenant('leaving');
    expect((await remove(id)).body).toEqual({ error: 'tenant must be deactivated to be deleted' });
    await patch(id, { status: 'TENANT_DEACTIVATED' });
    const reply = await remove(id);
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ id, deleted_at: expect.any(String) as unknown });
    expect((await remove(id)).status).toBe(304);
    expect((await patch(id, { status: 'TENANT_ACTIVATED' })).status).toBe(404);
    const again = await server.operate('POST', '/tenants', {
      json: {
        name: 'leaving',
        owner_email: 'owner@leaving.test',
        owner_first_name: 'Ada',
        owner_last_name: 'Owner',
        organization_name: 'Leaving',
        distribution_account_type: 'DISTRIBUTION_ACCOUNT.STELLAR.ENV',
      },
    });
    expect(again.body).toEqual({ error: 'Tenant name already exists' });
  });

  it('does not delete a tenant whose own account still holds money, nor while nobody knows', async () => {
    const world = await DisbursementWorld.make(server, 'wealthy');
    await ownAccount(world.tenant, world.account);
    await patch(world.tenant.id, { status: 'TENANT_DEACTIVATED' });
    world.fund(100_0000001n);
    const reply = await remove(world.tenant.id);
    expect(reply.status).toBe(400);
    expect(reply.text).toContain('still holds XLM');
    const poor = await DisbursementWorld.make(server, 'poor');
    await ownAccount(poor.tenant, poor.account);
    poor.fund(100_0000000n);
    await patch(poor.tenant.id, { status: 'TENANT_DEACTIVATED' });
    poor.fund(1n, { code: 'AID', issuer: TEST_ACCOUNT });
    expect((await remove(poor.tenant.id)).text).toContain('still holds AID');
    await ownAccount(poor.tenant, (await DisbursementWorld.make(server, 'unborn')).account);
    expect((await remove(poor.tenant.id)).status).toBe(200);
  });
});
