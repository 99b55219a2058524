import { once } from 'node:events';
import { get, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

import { newId } from '@libs/kernel';
import fc from 'fast-check';

import { STAFF_ROUTES } from './access/route-access';
import { registeredRoutes } from './access/route-check';
import { TestServer, type TestTenant } from './testing/test-server';

describe('the edge of the staff API', () => {
  let server: TestServer;
  let acme: TestTenant;
  let token: string;
  let ownerId: string;

  beforeAll(async () => {
    server = await TestServer.start({ CORS_ALLOWED_ORIGINS: 'https://staff.test' });
    acme = await server.tenant('acme');
    const owner = await server.user(acme, 'owner');
    ownerId = owner.id;
    token = await server.login(acme, owner.email);
  });
  afterAll(() => server.stop());

  it('lets one address ask forty times in twenty seconds per path', async () => {
    const ask = (address: string, path = '/profile') =>
      server.call('GET', path, { token, headers: { 'x-forwarded-for': address } });
    const first = await ask('192.0.2.1');
    expect(first.headers.get('x-ratelimit-limit')).toBe('40');
    expect(first.headers.get('x-ratelimit-remaining')).toBe('39');
    expect(Number(first.headers.get('x-ratelimit-reset'))).toBeGreaterThan(1_700_000_000);
    // A window may end in between, but not before twice forty requests were made.
    const replies = await Promise.all(Array.from({ length: 80 }, () => ask('192.0.2.1')));
    const refused = replies.find(({ status }) => status === 429);
    expect(refused?.text).toBe('Too Many Requests\n');
    expect(refused?.headers.get('content-type')).toContain('text/plain');
    expect(refused?.headers.get('retry-after')).toBe('20');
    expect(refused?.headers.get('x-ratelimit-remaining')).toBe('0');
    expect((await ask('192.0.2.2')).status).toBe(200);
    expect((await ask('192.0.2.1', '/users')).status).toBe(200);
    // The same route by another spelling.
    for (const path of ['/profile/', '/PROFILE', '/Profile/', '//profile', '/profile//'])
      expect([path, (await ask('192.0.2.1', path)).status]).toEqual([path, 429]);
    const forged = await ask('203.0.113.9, 192.0.2.1');
    expect(forged.status).toBe(429);
  });

  it('asks to come again later when all connections to the database are busy, and recovers', async () => {
    const { pool } = server.platform.database;
    const patience = pool.options.connectionTimeoutMillis;
    const busy = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()));
    const ask = (path: string, credential: string | undefined) =>
      server.call('GET', path, {
        ...(credential === undefined ? {} : { token: credential }),
        headers: { 'x-forwarded-for': '192.0.2.77', 'SDP-Tenant-Name': 'acme' },
      });
    try {
      pool.options.connectionTimeoutMillis = 50;
      for (const [path, credential] of [
        ['/receivers', token],
        ['/organization/logo', undefined],
      ] as const) {
        const reply = await ask(path, credential);
        expect([path, reply.status]).toEqual([path, 503]);
        expect(reply.headers.get('retry-after')).toBe('5');
        expect(reply.body).toEqual({
          error: 'There is too much to do at this moment. Please try again in a few seconds.',
        });
      }
    } finally {
      pool.options.connectionTimeoutMillis = patience;
      for (const connection of busy) connection.release();
    }
    expect((await ask('/receivers', token)).status).toBe(200);
    server.logs.length = 0;
  });

  it('asks the database once who calls and how often, for people and for keys', async () => {
    const key = await server.apiKey(acme, { createdBy: ownerId, permissions: ['read:users'] });
    const askedFor = async (credential: string): Promise<{ names: string[]; connections: number }> => {
      const { database } = server.platform;
      const [query, connect] = [jest.spyOn(database, 'query'), jest.spyOn(database.pool, 'connect')];
      try {
        const headers = { 'SDP-Tenant-Name': 'acme' };
        const reply = await server.call('GET', '/users/roles', { token: credential, headers });
        expect(reply.status).toBe(200);
        expect(reply.headers.get('x-ratelimit-remaining')).toBe('39');
        // What sweeps the table meanwhile has no name, as it runs seldom.
        const sweeps = query.mock.calls.filter(([{ name }]) => name === undefined).length;
        const names = query.mock.calls.flatMap(([{ name }]) => name ?? []);
        return { names, connections: connect.mock.calls.length - sweeps };
      } finally {
        jest.restoreAllMocks();
      }
    };
    expect(await askedFor(token)).toEqual({ names: ['session-callers-counted'], connections: 1 });
    expect(
      (await server.call('GET', '/users/roles', { token: key, headers: { 'SDP-Tenant-Name': 'acme' } }))
        .status,
    ).toBe(200);
    expect(await askedFor(key)).toEqual({ names: ['key-caller-counted'], connections: 1 });
  });

  it('counts a request with a key or a token by address and path too, whatever it is worth', async () => {
    const key = await server.apiKey(acme, { createdBy: ownerId, permissions: ['read:users'] });
    const wrong = `${key.slice(0, -4)}AAAA`;
    for (const [number, credential] of [key, wrong, 'SDP_nonsense', `${token}x`].entries()) {
      const ask = () =>
        server.call('GET', '/users/roles', {
          token: credential,
          headers: { 'x-forwarded-for': `192.0.2.${String(number + 20)}`, 'SDP-Tenant-Name': 'acme' },
        });
      const replies = await Promise.all(Array.from({ length: 81 }, ask));
      expect(replies.some(({ status }) => status === 429)).toBe(true);
    }
  });

  it('takes repeated slashes of a path for one, and nothing of a query', async () => {
    const list = await server.call('GET', '//receivers///?page_limit=1&q=a//b&page=2', { token });
    expect([list.status, list.body]).toEqual([200, { pagination: { pages: 0, total: 0 }, data: [] }]);
    await server.sql(
      `INSERT INTO receivers.receivers (tenant_id, id, email, external_id)
       SELECT $1, gen_random_uuid(), 'a//b' || n || '@c.test', n::text FROM generate_series(1, 2) n`,
      [acme.id],
    );
    const found = await server.call('GET', '//receivers//?page_limit=1&q=a//b', { token });
    expect(found.body).toMatchObject({
      pagination: { total: 2, next: '/receivers/?page=2&page_limit=1&q=a%2F%2Fb' },
    });
    expect((await server.call('PATCH', '/payments//retry', { token, json: {} })).status).toBe(400);
    expect((await server.call('GET', '/receivers/%2F/wallets', { token })).status).toBe(404);
  });

  it('takes a whole address, as proxies send it, for its path', async () => {
    const { hostname, port } = new URL(server.url);
    for (const origin of ['http://a:99999', 'http://[x]', 'HTTPS://staff.test', 'http://a//']) {
      const [response] = (await once(
        get({
          hostname,
          port,
          path: `${origin}/receivers?page_limit=1&q=a//b`,
          headers: { authorization: `Bearer ${token}`, host: 'staff.test' },
        }),
        'response',
      )) as [IncomingMessage];
      const body: unknown = JSON.parse(await text(response));
      expect([origin, response.statusCode]).toEqual([origin, 200]);
      expect(body).toMatchObject({ pagination: { next: '/receivers?page=2&page_limit=1&q=a%2F%2Fb' } });
    }
  });

  it('lets nobody past the table of access by slashes', async () => {
    const developer = await server.tokenFor(acme, 'developer');
    for (const path of ['//receivers', '/receivers//', '///receivers', '//receivers//x', '/receivers/']) {
      expect([path, (await server.call('GET', path)).status]).toEqual([path, 401]);
      expect([path, (await server.call('GET', path, { token: developer })).status]).toEqual([path, 403]);
    }
    for (const path of ['//tenants', '/tenants//', '//health//tenants']) {
      const wrong = await server.operate('GET', path, { headers: { authorization: 'Basic eDp5' } });
      expect([path, wrong.status]).toEqual([path, path.includes('health') ? 404 : 401]);
    }
    expect((await server.operate('GET', '//tenants')).status).toBe(200);
  });

  it('never refuses health, and says what it is', async () => {
    for (let number = 0; number < 45; number += 1) {
      const reply = await server.call('GET', '/health', { headers: { 'x-forwarded-for': '192.0.2.3' } });
      expect(reply.status).toBe(200);
    }
    const reply = await server.call('GET', '/health');
    expect(reply.body).toEqual({
      status: 'pass',
      version: expect.any(String) as unknown,
      service_id: 'serve',
      services: { database: 'pass' },
    });
  });

  it('answers browsers of the allowed origins only', async () => {
    const preflight = await server.call('OPTIONS', '/organization', {
      headers: { origin: 'https://staff.test', 'access-control-request-method': 'PATCH' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://staff.test');
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH');
    const other = await server.call('GET', '/health', { headers: { origin: 'https://evil.test' } });
    expect(other.headers.get('access-control-allow-origin')).not.toBe('https://evil.test');
    expect(other.headers.get('access-control-allow-credentials')).toBeNull();
    expect(other.headers.get('content-security-policy')).toContain("default-src 'self'");
  });

  it('carries the trace of its caller, or starts one', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const given = await server.call('GET', '/health', { headers: { traceparent } });
    expect(given.headers.get('x-request-id')).toBe('0af7651916cd43dd8448eb211c80319c');
    const own = await server.call('GET', '/health', { headers: { traceparent: 'nonsense' } });
    expect(own.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
  });

  it('reads JSON whatever the content type says, and refuses what is none', async () => {
    const login = (body: string | Uint8Array<ArrayBuffer>, type = 'text/plain') =>
      server.call('POST', '/login', { body, headers: { 'content-type': type, 'SDP-Tenant-Name': 'acme' } });
    expect((await login('{"email":"a@b.test","password":"x"}')).status).toBe(401);
    for (const body of ['{', '[]', '"text"', 'null', '', 'a=b', '{"email":{"a":1},"password":[]}']) {
      const reply = await login(body);
      expect(reply.status).toBe(400);
      expect(reply.body).toHaveProperty('error', 'The request was invalid in some way.');
    }
    expect((await login('{}', 'application/json; charset=latin1')).status).toBe(415);
    expect((await login(new Uint8Array(10_100_000).fill(32))).status).toBe(413);
    expect((await login('{"email":"a\\u0000b@c.test","password":"\\u0000"}')).status).toBe(401);
  });

  it('reads no body with a GET, and says what is wrong with that of a DELETE', async () => {
    const get = (type: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const headers = { authorization: `Bearer ${token}`, 'content-type': type, 'content-length': 1 };
        const asking = request(`${server.url}/profile`, { headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        asking.on('error', reject).end('{');
      });
    expect(await get('application/json')).toBe(200);
    expect(await get('application/json; charset=latin1')).toBe(200);
    const remove = (body: string | Uint8Array<ArrayBuffer>, type: string) =>
      server.call('DELETE', `/disbursements/${newId()}`, { token, body, headers: { 'content-type': type } });
    expect((await remove('{}', 'application/json; charset=utf-16')).status).toBe(415);
    expect((await remove(new Uint8Array(10_100_000).fill(32), 'application/json')).status).toBe(413);
  });

  it('reads no more of a stranger than a sign-in needs, and nothing that is nested without end', async () => {
    const large = { name: 'x'.repeat(120_000) };
    const send = (path: string, json: unknown, credential?: string) =>
      server.call('POST', path, {
        json,
        ...(credential === undefined ? {} : { token: credential }),
        headers: { 'SDP-Tenant-Name': 'acme' },
      });
    expect((await send('/login', large)).status).toBe(413);
    expect((await send('/api-keys', large)).status).toBe(413);
    expect((await send('/api-keys', large, `${token}x`)).status).toBe(413);
    expect((await send('/api-keys', large, token)).status).toBe(400);
    const body = `{"name":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
    const deep = await server.call('POST', '/api-keys', { token, body });
    expect(deep.status).toBe(400);
    expect(deep.body).toMatchObject({ extras: { body: 'JSON may be nested 32 levels deep at most' } });
  });

  it('has answers that nobody keeps, and tells scripts of other origins what they need', async () => {
    const reply = await server.call('GET', '/profile', { token, headers: { origin: 'https://staff.test' } });
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.headers.get('access-control-expose-headers')).toContain('Content-Disposition');
    for (const [name, value] of [
      ['x-content-type-options', 'nosniff'],
      ['x-frame-options', 'SAMEORIGIN'],
      ['referrer-policy', 'no-referrer'],
    ] as const) {
      expect(reply.headers.get(name)).toBe(value);
    }
    expect(reply.headers.get('x-powered-by')).toBeNull();
  });

  it('has no input that breaks it', async () => {
    const registered = registeredRoutes(server.app);
    const routes = STAFF_ROUTES.filter(({ method, path }) => registered.includes(`${method} ${path}`));
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }).map((text) => encodeURIComponent(text.toWellFormed())),
      fc.constantFrom('%00', '%ff', '%', '..', "'", '00000000-0000-7000-8000-000000000000'),
    );
    const query = fc.dictionary(
      fc.constantFrom(
        'page',
        'page_limit',
        'sort',
        'direction',
        'q',
        'status',
        'created_at_after',
        'wallet',
        'enabled',
        'supported_assets',
        'id[]',
      ),
      part,
    );
    const field = fc.constantFrom(
      ...[
        'code',
        'issuer',
        'name',
        'homepage',
        'deep_link_schema',
        'sep_10_client_domain',
        'assets',
        'assets_ids',
      ],
      ...[
        'enabled',
        'asset_id',
        'wallet_id',
        'registration_contact_type',
        'verification_field',
        'status',
        'payment_ids',
      ],
      ...['receiver_registration_message_template', '__proto__', 'toString', 'constructor'],
    );
    const json = fc.dictionary(field, fc.jsonValue({ maxDepth: 3 }));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...routes), part, query, json, async (route, id, params, body) => {
        const search = Object.entries(params).map(([name, value]) => `${name}=${value}`);
        const path = `${route.path.replace(':id', id === '' || id === '..' ? 'x' : id)}?${search.join('&')}`;
        const reply = await server.call(route.method, path, {
          token,
          ...(route.method === 'GET' ? {} : { json: body }),
        });
        expect(reply.status).toBeLessThan(500);
      }),
      { numRuns: 250 },
    );
    expect(server.logs).toEqual([]);
  });

  it('has no login that breaks it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (email, password) => {
        const reply = await server.call('POST', '/login', {
          json: { email, password },
          headers: { 'SDP-Tenant-Name': 'acme' },
        });
        expect([400, 401, 429]).toContain(reply.status);
      }),
      { numRuns: 60 },
    );
  });

  it('answers with an error that tells nothing when the database fails', async () => {
    // The calls above may have ended the session of the other token.
    const fresh = await server.tokenFor(acme, 'owner');
    const broken = jest
      .spyOn(server.platform.unitOfWork, 'run')
      .mockRejectedValue(new Error('secret detail'));
    try {
      const reply = await server.call('GET', '/profile', { token: fresh });
      expect(reply.status).toBe(500);
      expect(reply.body).toEqual({
        error: 'An internal error occurred while processing this request.',
        error_code: '500_0',
      });
      expect(server.logs).toHaveLength(1);
    } finally {
      broken.mockRestore();
    }
  });
});
