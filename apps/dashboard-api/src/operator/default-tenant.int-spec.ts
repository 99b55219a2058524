import { TenantsRepository } from '@libs/tenants';

import { overtake } from '../testing/overtake';
import { type Reply, TestServer, type TestTenant } from '../testing/test-server';

describe('the tenant of requests that name none', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start({ SINGLE_TENANT_MODE: 'true' });
  });
  afterAll(() => server.stop());

  const choose = ({ id }: TestTenant): Promise<Reply> =>
    server.operate('POST', '/tenants/default-tenant', { json: { id } });
  const switchOff = ({ id }: TestTenant): Promise<Reply> =>
    server.operate('PATCH', `/tenants/${id}`, { json: { status: 'TENANT_DEACTIVATED' } });
  const defaults = async (): Promise<unknown[]> =>
    (await server.sql('SELECT name, status FROM tenants.tenants WHERE is_default')).map(Object.values);
  const logOf = ({ id }: TestTenant) =>
    server.sql(
      `SELECT actor_id, action, subject_type, subject_id, before, after FROM identity.audit_log
        WHERE tenant_id = $1 ORDER BY seq`,
      [id],
    );

  it('is told in the audit logs of both when another one becomes it, and once', async () => {
    const [one, other] = [await server.tenant('one'), await server.tenant('other')];
    for (const tenant of [one, other, other]) expect((await choose(tenant)).status).toBe(200);
    const row = ({ id }: TestTenant, becomes: boolean) => ({
      actor_id: 'operator',
      action: 'POST /tenants/default-tenant',
      subject_type: 'tenants',
      subject_id: id,
      before: { is_default: !becomes },
      after: { is_default: becomes },
    });
    expect(await logOf(one)).toEqual([row(one, true), row(one, false)]);
    expect(await logOf(other)).toEqual([row(other, true)]);
  });

  it('is none that is being switched off: the one that was it stays', async () => {
    const [present, late] = [await server.tenant('present'), await server.tenant('late')];
    await choose(present);
    const chosen: Promise<Reply>[] = [];
    overtake(TenantsRepository.prototype, 'changeUrls', async () => {
      chosen.push(choose(late));
      await server.waitsForLock();
    });
    expect((await switchOff(late)).status).toBe(200);
    expect((await Promise.all(chosen)).map(({ status, body }) => [status, body])).toEqual([
      [404, { error: `tenant id ${late.id} does not exist` }],
    ]);
    expect(await defaults()).toEqual([['present', 'PROVISIONED']]);
    expect((await logOf(late)).map(({ action }) => action)).toEqual(['PATCH /tenants/:id']);
  });

  it('is not switched off while it becomes it', async () => {
    const chosen = await server.tenant('chosen');
    const switched: Promise<Reply>[] = [];
    overtake(TenantsRepository.prototype, 'findById', async () => {
      switched.push(switchOff(chosen));
      await server.waitsForLock();
    });
    expect((await choose(chosen)).status).toBe(200);
    expect((await Promise.all(switched)).map(({ body }) => body)).toEqual([
      { error: 'cannot deactivate default tenant' },
    ]);
    expect(await defaults()).toEqual([['chosen', 'PROVISIONED']]);
  });
});
