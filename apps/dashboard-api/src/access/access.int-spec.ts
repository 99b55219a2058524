import { ROLES } from '@libs/contracts';
import { newId } from '@libs/kernel';

import { TestServer, type TestTenant } from '../testing/test-server';
import { PUBLIC_ROUTES, STAFF_ROUTES, type StaffRoute } from './route-access';
import { registeredRoutes } from './route-check';

describe('who may call what', () => {
  let server: TestServer;
  let acme: TestTenant;
  const tokens: Record<string, string> = {};

  beforeAll(async () => {
    server = await TestServer.start();
    acme = await server.tenant('acme');
    await server.tenant('other');
    for (const role of ROLES) tokens[role] = await server.tokenFor(acme, role);
  });
  afterAll(() => server.stop());

  const isRegistered = ({ method, path }: StaffRoute): boolean =>
    registeredRoutes(server.app).includes(`${method} ${path}`);
  const call = (route: StaffRoute, token?: string, headers: Record<string, string> = {}) =>
    server.call(route.method, route.path.replace(':id', newId()), {
      ...(token === undefined ? {} : { token }),
      ...(route.method === 'GET' ? {} : { json: {} }),
      headers,
    });

  describe.each(STAFF_ROUTES)('$method $path', (route) => {
    it.each(ROLES)('lets %s in, or not, as the table says', async (role) => {
      if (!isRegistered(route)) return;
      const { status, body } = await call(route, tokens[role]);
      if (route.roles.includes(role)) {
        expect([401, 403]).not.toContain(status);
        expect(status).toBeLessThan(500);
      } else {
        expect(status).toBe(403);
        expect(body).toEqual({ error: "You don't have permission to perform this action." });
      }
    });

    it('refuses nobody in particular, and a token where another tenant is named', async () => {
      if (!isRegistered(route)) return;
      expect((await call(route)).status).toBe(401);
      const elsewhere = await call(route, tokens['owner'], { 'SDP-Tenant-Name': 'other' });
      expect(elsewhere.status).toBe(401);
      expect(elsewhere.body).toEqual({ error: 'Not authorized.' });
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
