import { fieldOf } from '@libs/kernel';
import { Database, UnitOfWork } from '@libs/persistence';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { createStaffServer } from '../dashboard-api';
import { TEST_PASSWORD, TestServer, type TestTenant } from '../testing/test-server';

type Change = (token: string) => Promise<unknown>;

describe('a right that is taken away at one replica', () => {
  let server: TestServer;
  let acme: TestTenant;
  let owner: string;
  let other: { readonly app: NestExpressApplication; readonly database: Database; readonly url: string };

  beforeAll(async () => {
    server = await TestServer.start();
    acme = await server.tenant('acme');
    owner = await server.tokenFor(acme, 'owner');
    const { settings } = server.platform;
    const database = new Database({
      url: settings.DATABASE_URL,
      applicationName: 'another dashboard-api',
      connectionsMax: 3,
    });
    const app = await createStaffServer({
      ...server.platform,
      database,
      unitOfWork: new UnitOfWork(database),
    });
    await app.listen(0, '127.0.0.1');
    other = { app, database, url: await app.getUrl() };
  });
  afterAll(async () => {
    await other.app.close();
    await other.database.close();
    await server.stop();
  });

  /** What the other replica answers. */
  const statusThere = async (path: string, credential: string): Promise<number> => {
    const headers = { authorization: `Bearer ${credential}`, 'SDP-Tenant-Name': acme.name };
    return (await fetch(`${other.url}${path}`, { headers })).status;
  };

  const change = async (path: string, token: string, json: object): Promise<void> => {
    const reply = await server.call('PATCH', path, { token, json });
    if (reply.status !== 200) throw new Error(reply.text);
  };

  const idOf = async (token: string): Promise<unknown> =>
    fieldOf((await server.call('GET', '/profile', { token })).body, 'id');

  it.each<readonly [string, number, Change]>([
    ['the session was ended', 401, (token) => server.call('POST', '/logout', { token })],
    [
      'the password was changed',
      401,
      (token) =>
        change('/profile/reset-password', token, {
          current_password: TEST_PASSWORD,
          new_password: 'Another-horse-8',
        }),
    ],
    [
      'the person was switched off',
      401,
      async (token) => {
        await change('/users/activation', owner, { user_id: await idOf(token), is_active: false });
      },
    ],
    [
      'the person has another role',
      403,
      async (token) => {
        await change('/users/roles', owner, { user_id: await idOf(token), roles: ['developer'] });
      },
    ],
  ])('is gone at the other one with the next request: %s', async (_what, refused, take) => {
    const token = await server.tokenFor(acme, 'business');
    expect(await statusThere('/payments', token)).toBe(200);
    await take(token);
    expect(await statusThere('/payments', token)).toBe(refused);
  });

  it.each<readonly [string, number, (id: unknown, maker: string) => Promise<unknown>]>([
    [
      'it was revoked',
      401,
      (id, maker) => server.call('DELETE', `/api-keys/${String(id)}`, { token: maker }),
    ],
    [
      'it may less',
      403,
      (id, maker) => change(`/api-keys/${String(id)}`, maker, { permissions: ['read:wallets'] }),
    ],
    [
      'who made it was switched off',
      401,
      async (_id, maker) => {
        await change('/users/activation', owner, { user_id: await idOf(maker), is_active: false });
      },
    ],
  ])('is gone there for an API key, too: %s', async (_what, refused, take) => {
    const maker = await server.tokenFor(acme, 'developer');
    const made = await server.call('POST', '/api-keys', {
      token: maker,
      json: { name: 'reader', permissions: ['read:all'] },
    });
    const key = String(fieldOf(made.body, 'key'));
    expect(await statusThere('/statistics', key)).toBe(200);
    await take(fieldOf(made.body, 'id'), maker);
    expect(await statusThere('/statistics', key)).toBe(refused);
  });

  it('is gone there for everybody of an organisation that was switched off', async () => {
    const dormant = await server.tenant('dormant');
    const token = await server.tokenFor(dormant, 'business');
    const there = async (): Promise<number> =>
      (await fetch(`${other.url}/payments`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await there()).toBe(200);
    await server.operate('PATCH', `/tenants/${dormant.id}`, { json: { status: 'TENANT_DEACTIVATED' } });
    expect(await there()).toBe(401);
  });
});
