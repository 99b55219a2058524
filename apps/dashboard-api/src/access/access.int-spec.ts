import { type Role, ROLES } from '@libs/contracts';
import { type Permission, PERMISSIONS } from '@libs/identity';
import { newId } from '@libs/kernel';

import { TestServer, type TestTenant } from '../testing/test-server';
import { PUBLIC_ROUTES, STAFF_ROUTES, type StaffRoute } from './route-access';
import { registeredRoutes } from './route-check';

const NO_PERMISSION = { error: "You don't have permission to perform this action." };

describe('who may call what', () => {
  let server: TestServer;
  let acme: TestTenant;
  const people: Record<string, { id: string; email: string; token: string }> = {};
  const keys: Record<string, string> = {};

  beforeAll(async () => {
    server = await TestServer.start();
    acme = await server.tenant('acme');
    await server.tenant('other');
    for (const role of ROLES) {
      const { id, email } = await server.user(acme, role);
      people[role] = { id, email, token: await server.login(acme, email) };
      keys[role] = await keyOf(id, ['read:all', 'write:all']);
    }
  });
  afterAll(() => server.stop());

  const ownerId = (): string => people['owner']?.id ?? '';
  const keyOf = (createdBy: string, permissions: readonly Permission[]): Promise<string> =>
    server.apiKey(acme, { createdBy, permissions });

  /** Signed in; anew where the test before has ended the session. */
  async function tokenOf(role: Role, { path }: StaffRoute): Promise<string> {
    const person = people[role];
    if (person === undefined) throw new Error('nobody has this role');
    if (path === '/logout') return await server.login(acme, person.email);
    return person.token;
  }

  const call = (route: StaffRoute, token?: string, headers: Record<string, string> = {}) =>
    server.call(route.method, route.path.replaceAll(/:\w+/g, newId()), {
      ...(token === undefined ? {} : { token }),
      ...(route.method === 'GET' ? {} : { json: {} }),
      headers,
    });
  const callWithKey = (route: StaffRoute, key: string, tenant = 'acme') =>
    call(route, key, { 'SDP-Tenant-Name': tenant });

  describe.each(STAFF_ROUTES)('$method $path', (route) => {
    it.each(ROLES)('lets %s in, or not, as the table says', async (role) => {
      const { status, body } = await call(route, await tokenOf(role, route));
      if (route.roles.includes(role)) {
        expect([401, 403]).not.toContain(status);
        expect(status).toBeLessThan(500);
      } else {
        expect(status).toBe(403);
        expect(body).toEqual(NO_PERMISSION);
      }
    });

    it.each(ROLES)('lets a key in that %s made, or not, as the table says', async (role) => {
      const { status, body } = await callWithKey(route, keys[role] ?? '');
      if (route.roles.includes(role) && route.person !== true) {
        expect([401, 403]).not.toContain(status);
        expect(status).toBeLessThan(500);
      } else {
        expect(status).toBe(403);
        expect(body).toEqual(NO_PERMISSION);
      }
    });

    it('asks a key for its permission', async () => {
      const all = route.permission.startsWith('read:') ? 'read:all' : 'write:all';
      const others = PERMISSIONS.filter((one) => one !== route.permission && one !== all);
      const { status, body } = await callWithKey(route, await keyOf(ownerId(), others));
      expect(status).toBe(403);
      expect(body).toEqual(
        route.person === true ? NO_PERMISSION : { error: 'Insufficient API key permissions' },
      );
      if (route.person === true) return;
      const exact = await callWithKey(route, await keyOf(ownerId(), [route.permission]));
      expect([401, 403]).not.toContain(exact.status);
    });

    it('refuses nobody in particular, and a token or a key where another tenant is named', async () => {
      expect((await call(route)).status).toBe(401);
      const elsewhere = await call(route, people['owner']?.token, { 'SDP-Tenant-Name': 'other' });
      expect(elsewhere.status).toBe(401);
      expect(elsewhere.body).toEqual({ error: 'Not authorized.' });
      const foreignKey = await callWithKey(route, keys['owner'] ?? '', 'other');
      expect(foreignKey.status).toBe(401);
      expect(foreignKey.body).toEqual({ error: 'Invalid API key' });
    });
  });

  it('knows every route that the server has, and no other', () => {
    const known = [...STAFF_ROUTES, ...PUBLIC_ROUTES].map(({ method, path }) => `${method} ${path}`);
    expect(registeredRoutes(server.app).toSorted()).toEqual(known.toSorted());
  });

  it('answers an unknown path with plain text and a wrong method with nothing', async () => {
    const unknown = await server.call('GET', '/nothing/here');
    expect(unknown.status).toBe(404);
    expect(unknown.text).toBe('404 page not found\n');
    const wrongMethod = await server.call('PUT', '/organization');
    expect(wrongMethod.status).toBe(405);
    expect(wrongMethod.text).toBe('');
  });
});
