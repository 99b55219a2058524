import { ApiKeysRepository } from '@libs/identity';
import { newId } from '@libs/kernel';

import { TestServer, type TestTenant } from '../testing/test-server';

describe('an API key', () => {
  let server: TestServer;
  let acme: TestTenant;
  let owner: { id: string; token: string };

  beforeAll(async () => {
    server = await TestServer.start();
    acme = await server.tenant('acme');
    await server.tenant('other');
    owner = await person('owner');
  });
  afterAll(() => server.stop());

  async function person(role: 'owner' | 'developer'): Promise<{ id: string; token: string }> {
    const { id, email } = await server.user(acme, role);
    return { id, token: await server.login(acme, email) };
  }
  const create = (json: unknown, token = owner.token) => server.call('POST', '/api-keys', { json, token });
  async function newKey(
    permissions: readonly string[],
    more: object = {},
    token = owner.token,
  ): Promise<{ id: string; key: string }> {
    const reply = await create({ name: 'books', permissions, ...more }, token);
    expect(reply.status).toBe(201);
    return reply.body as { id: string; key: string };
  }
  /** A call with a key, which has to name the organisation. */
  const withKey = (key: string, method: string, path: string, headers: Record<string, string> = {}) =>
    server.call(method, path, { token: key, headers: { 'SDP-Tenant-Name': 'acme', ...headers } });

  it('is shown once, with 256 bits of secret of which only the hash is kept', async () => {
    const expiry = new Date(Date.now() + 3_600_000).toISOString();
    const reply = await create({
      name: ' books ',
      permissions: ['read:all', 'read:all'],
      expiry_date: expiry,
      allowed_ips: '10.0.0.0/8',
    });
    const made = reply.body as Record<string, unknown>;
    expect(made).toEqual({
      id: expect.any(String) as unknown,
      name: 'books',
      permissions: ['read:all'],
      expiry_date: expiry,
      allowed_ips: ['10.0.0.0/8'],
      created_at: expect.any(String) as unknown,
      created_by: owner.id,
      updated_at: expect.any(String) as unknown,
      updated_by: owner.id,
      key: expect.stringMatching(/^SDP_[0-9a-f-]{36}\.[\w-]{43}$/) as unknown,
    });
    const { key, ...rest } = made;
    const shown = await server.call('GET', `/api-keys/${String(made['id'])}`, { token: owner.token });
    expect(shown.body).toEqual(rest);
    const [row] = await server.sql('SELECT k::text AS row FROM identity.api_keys k WHERE id = $1', [
      made['id'],
    ]);
    expect(String(row?.['row'])).not.toContain(String(key).split('.')[1]);
  });

  it('says everything that is wrong with an order', async () => {
    const reply = await create({
      permissions: [],
      allowed_ips: ['10.0.0.1', 'house'],
      expiry_date: '2020-01-01T00:00:00Z',
    });
    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({
      error: 'Request validation failed',
      extras: {
        name: 'name is required',
        permissions: 'API key must have at least one permission assigned',
        allowed_ips: 'invalid IP address or CIDR: house',
        expiry_date: 'expiry date must be in the future',
      },
    });
    const long = await create({ name: 'x'.repeat(129), permissions: ['fly'], expiry_date: 'tomorrow' });
    expect(long.body).toMatchObject({
      extras: {
        name: 'name cannot exceed 128 characters',
        permissions: 'invalid permission: fly',
        expiry_date: expect.stringContaining('RFC 3339') as unknown,
      },
    });
    expect((await create([])).body).toEqual({ error: 'Invalid request body' });
  });

  it('says of broken JSON what the documented API says, on the routes of keys and on no other', async () => {
    const broken = async (method: string, path: string): Promise<unknown> => {
      const headers = { 'content-type': 'application/json' };
      const reply = await server.call(method, path, { token: owner.token, headers, body: '{"name": ' });
      return [reply.status, reply.body];
    };
    const told = [400, { error: 'Invalid request body' }];
    expect(await broken('POST', '/api-keys')).toEqual(told);
    expect(await broken('PATCH', `/api-keys/${newId()}`)).toEqual(told);
    expect(await broken('POST', '/wallets')).toEqual([
      400,
      { error: 'The request was invalid in some way.' },
    ]);
  });

  it('opens what its permissions say, with its organisation named, in either form of the header', async () => {
    const { key } = await newKey(['read:wallets']);
    expect((await withKey(key, 'GET', '/wallets')).status).toBe(200);
    const bare = await server.call('GET', '/wallets', {
      headers: { authorization: key, 'SDP-Tenant-Name': 'acme' },
    });
    expect(bare.status).toBe(200);
    const narrow = await withKey(key, 'GET', '/organization');
    expect(narrow.status).toBe(403);
    expect(narrow.body).toEqual({ error: 'Insufficient API key permissions' });
    const elsewhere = await withKey(key, 'GET', '/wallets', { 'SDP-Tenant-Name': 'other' });
    expect(elsewhere.status).toBe(401);
    const nowhere = await server.call('GET', '/wallets', { token: key });
    expect(nowhere.body).toEqual({ error: 'Invalid API key' });
  });

  it('is refused when any part of it is wrong', async () => {
    const { id, key } = await newKey(['read:all']);
    const wrong = [
      `SDP_${id}.${'A'.repeat(43)}`,
      `SDP_${newId()}.${key.split('.')[1] ?? ''}`,
      'SDP_x',
      `${key}A`,
    ];
    for (const text of wrong) {
      const reply = await withKey(text, 'GET', '/wallets');
      expect(reply.status).toBe(401);
      expect(reply.body).toEqual({ error: 'Invalid API key' });
    }
  });

  it('never opens more than its creator may, at the moment of use', async () => {
    const developer = await person('developer');
    const { key } = await newKey(['read:all', 'write:all'], {}, developer.token);
    expect((await withKey(key, 'GET', '/wallets')).status).toBe(200);
    expect((await withKey(key, 'GET', '/payments')).status).toBe(403);
    await server.sql(`UPDATE identity.users SET roles = '{business}' WHERE id = $1`, [developer.id]);
    expect((await withKey(key, 'GET', '/payments')).status).toBe(200);
    expect((await withKey(key, 'GET', '/api-keys')).status).toBe(403);
    await server.sql('UPDATE identity.users SET is_active = false WHERE id = $1', [developer.id]);
    expect((await withKey(key, 'GET', '/payments')).status).toBe(401);
  });

  it('is let in only from its addresses, as the trusted proxy names them', async () => {
    const { key } = await newKey(['read:all'], { allowed_ips: ['192.0.2.0/24', '2001:db8::7'] });
    const from = async (address: string): Promise<number> =>
      (await withKey(key, 'GET', '/wallets', { 'x-forwarded-for': address })).status;
    expect(await from('192.0.2.9')).toBe(200);
    expect(await from('2001:db8:0::7')).toBe(200);
    expect(await from('::ffff:192.0.2.9')).toBe(200);
    expect(await from('192.0.3.9')).toBe(403);
    // Only the last hop is ours: what a caller writes in front of it does not count.
    expect(await from('192.0.2.9, 198.51.100.1')).toBe(403);
    const refused = await withKey(key, 'GET', '/wallets', { 'x-forwarded-for': '198.51.100.1' });
    expect(refused.body).toEqual({ error: 'IP not allowed' });
  });

  it('ends when it expires and when it is revoked, at once', async () => {
    const expiring = await newKey(['read:all']);
    await server.sql('UPDATE identity.api_keys SET expires_at = now() WHERE id = $1', [expiring.id]);
    expect((await withKey(expiring.key, 'GET', '/wallets')).status).toBe(401);
    const { id, key } = await newKey(['read:all']);
    expect((await withKey(key, 'GET', '/wallets')).status).toBe(200);
    const revoked = await server.call('DELETE', `/api-keys/${id}`, { token: owner.token });
    expect([revoked.status, revoked.text]).toEqual([204, '']);
    expect((await withKey(key, 'GET', '/wallets')).status).toBe(401);
    const again = await server.call('DELETE', `/api-keys/${id}`, { token: owner.token });
    expect(again.body).toEqual({ error: 'API key not found' });
  });

  it('is changed by its creator alone, and clears its addresses when they are left out', async () => {
    const { id, key } = await newKey(['read:all'], { allowed_ips: ['192.0.2.1'] });
    const patch = (json: unknown, token = owner.token) =>
      server.call('PATCH', `/api-keys/${id}`, { json, token });
    const changed = await patch({ permissions: ['read:wallets'] });
    expect(changed.body).toMatchObject({ id, permissions: ['read:wallets'] });
    expect(changed.body).not.toHaveProperty('allowed_ips');
    expect((await withKey(key, 'GET', '/wallets')).status).toBe(200);
    expect((await patch({})).body).toEqual({ error: 'permissions must be non-empty' });
    expect((await patch({ permissions: ['fly'] })).body).toMatchObject({ error: 'Invalid permissions' });
    const badAddress = await patch({ permissions: ['read:all'], allowed_ips: 'x' });
    expect(badAddress.body).toMatchObject({ error: 'Invalid allowed_ips' });
    const stranger = await person('owner');
    expect((await patch({ permissions: ['read:all'] }, stranger.token)).status).toBe(404);
    const list = await server.call('GET', '/api-keys', { token: stranger.token });
    expect(list.body).toEqual([]);
  });

  it('makes no key that may more than itself', async () => {
    const { key } = await newKey(['write:all']);
    const order = (permissions: string[]) =>
      server.call('POST', '/api-keys', {
        token: key,
        headers: { 'SDP-Tenant-Name': 'acme' },
        json: { name: 'child', permissions },
      });
    expect((await order(['write:payments'])).status).toBe(201);
    const wider = await order(['read:all']);
    expect(wider.status).toBe(400);
    expect(wider.body).toMatchObject({
      extras: { permissions: 'an API key cannot give read:all, which it does not have itself' },
    });
  });

  it('does not give itself back what it loses at that moment', async () => {
    const { id, key } = await newKey(['read:all', 'write:all']);
    const permissionsOf = async (): Promise<unknown> =>
      (await server.sql('SELECT permissions FROM identity.api_keys WHERE id = $1', [id]))[0]?.['permissions'];
    const replies: ReturnType<TestServer['call']>[] = [];
    const context = { tenantId: acme.id, actor: 'system:test', trace: '' };
    await server.platform.unitOfWork.run(context, async (tx) => {
      await new ApiKeysRepository().change(tx, id, {
        permissions: ['write:all'],
        allowedIps: [],
        updatedBy: owner.id,
      });
      const call = { token: key, headers: { 'SDP-Tenant-Name': 'acme' } };
      const json = { permissions: ['read:all', 'write:all'] };
      replies.push(server.call('PATCH', `/api-keys/${id}`, { ...call, json }));
      await server.waitsForLock();
    });
    expect(await replies[0]).toMatchObject({
      status: 400,
      body: {
        error: 'Invalid permissions',
        extras: { permissions: 'an API key cannot give read:all, which it does not have itself' },
      },
    });
    expect(await permissionsOf()).toEqual(['write:all']);
  });

  describe('that has an end or addresses of its own', () => {
    const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
    const END = inHours(2);
    const OWN = ['192.0.2.0/24', '2001:db8::/32'];
    const EVERYWHERE = 'an API key that has allowed_ips cannot give every address';
    const LONGER = 'an API key cannot let another live longer than itself';
    const by = (key: string, path: string, json: unknown) =>
      server.call(path === '/api-keys' ? 'POST' : 'PATCH', path, {
        token: key,
        headers: { 'SDP-Tenant-Name': 'acme', 'x-forwarded-for': '192.0.2.9' },
        json,
      });
    const order = (key: string, more: object = {}) =>
      by(key, '/api-keys', { name: 'child', permissions: ['write:all'], ...more });
    const patch = (key: string, id: string, more: object = {}) =>
      by(key, `/api-keys/${id}`, { permissions: ['write:all'], ...more });

    it('makes no key that lives longer', async () => {
      const { key } = await newKey(['write:all'], { expiry_date: END });
      for (const more of [{}, { expiry_date: inHours(3) }]) {
        const refused = await order(key, more);
        expect([refused.status, refused.body]).toEqual([
          400,
          { error: 'Request validation failed', extras: { expiry_date: LONGER } },
        ]);
      }
      for (const expiry of [END, inHours(1)]) {
        const made = await order(key, { expiry_date: expiry, allowed_ips: '198.51.100.1' });
        expect([made.status, made.body]).toMatchObject([201, { expiry_date: expiry }]);
      }
      expect((await order(key, { expiry_date: 'tomorrow' })).body).toMatchObject({
        extras: { expiry_date: expect.stringContaining('RFC 3339') as unknown },
      });
    });

    it('makes no key that is used from more addresses', async () => {
      const { key } = await newKey(['write:all'], { allowed_ips: OWN });
      const wide = 'an API key cannot give 192.0.0.0/16, which is not within its own allowed_ips';
      const tries = [
        [undefined, EVERYWHERE],
        [[], EVERYWHERE],
        [['192.0.2.1', '192.0.0.0/16'], wide],
        ['house', 'invalid IP address or CIDR: house'],
      ] as const;
      for (const [given, told] of tries) {
        const refused = await order(key, { allowed_ips: given });
        expect([refused.status, refused.body]).toEqual([
          400,
          { error: 'Request validation failed', extras: { allowed_ips: told } },
        ]);
      }
      const made = await order(key, { allowed_ips: ['192.0.2.128/25', '2001:db8::7'] });
      expect(made.status).toBe(201);
    });

    it('gives itself and others no more addresses', async () => {
      const own = await newKey(['write:all'], { allowed_ips: OWN });
      const other = await newKey(['read:all'], { allowed_ips: ['192.0.2.1'] });
      for (const { id } of [own, other]) {
        for (const more of [{}, { allowed_ips: ['0.0.0.0/0'] }]) {
          const refused = await patch(own.key, id, more);
          expect(refused.status).toBe(400);
          expect(refused.body).toMatchObject({
            error: 'Invalid allowed_ips',
            extras: { allowed_ips: expect.stringContaining('an API key') as unknown },
          });
        }
        expect((await patch(own.key, id, { allowed_ips: ['192.0.2.0/25'] })).status).toBe(200);
      }
      // What it was left is what it may give from now on.
      expect((await patch(own.key, own.id, { allowed_ips: OWN })).status).toBe(400);
    });

    it('changes no key that lives longer', async () => {
      const own = await newKey(['write:all'], { expiry_date: END });
      const longer = await newKey(['read:all']);
      const refused = await patch(own.key, longer.id);
      expect([refused.status, refused.body]).toEqual([
        400,
        { error: 'Invalid expiry_date', extras: { expiry_date: LONGER } },
      ]);
      const shorter = await newKey(['read:all'], { expiry_date: inHours(1) });
      for (const { id } of [own, shorter]) expect((await patch(own.key, id)).status).toBe(200);
    });
  });

  it('tells when it was last used', async () => {
    const { id, key } = await newKey(['read:wallets']);
    const lastUse = async (): Promise<unknown> =>
      Reflect.get(
        (await server.call('GET', `/api-keys/${id}`, { token: owner.token })).body as object,
        'last_used_at',
      );
    await withKey(key, 'GET', '/organization');
    expect(await lastUse()).toBeUndefined();
    await withKey(key, 'GET', '/wallets');
    expect(await lastUse()).toEqual(expect.any(String));
  });

  it('is for programs: what belongs to a person stays closed', async () => {
    const { key } = await newKey(['read:all', 'write:all']);
    for (const path of ['/profile', '/users', '/sessions']) {
      const reply = await withKey(key, 'GET', path);
      expect(reply.status).toBe(403);
      expect(reply.body).toEqual({ error: "You don't have permission to perform this action." });
    }
  });
});
