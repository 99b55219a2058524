import { LoginFailuresRepository, PasswordHasher } from '@libs/identity';
import { fieldOf } from '@libs/kernel';
import { Client } from 'pg';

import { overtake } from '../testing/overtake';
import { TEST_PASSWORD, TestServer, type TestTenant } from '../testing/test-server';

describe('signing in', () => {
  let server: TestServer;
  let acme: TestTenant;
  let other: TestTenant;

  beforeAll(async () => {
    server = await TestServer.start();
    acme = await server.tenant('acme');
    other = await server.tenant('other');
  });
  afterAll(() => server.stop());

  const login = (json: unknown, headers: Record<string, string> = { 'SDP-Tenant-Name': 'acme' }) =>
    server.call('POST', '/login', { json, headers });

  it('answers a token to the right password, whatever the case and the spaces of the address', async () => {
    const { email } = await server.user(acme, 'business');
    const reply = await login({ email: `  ${email.toUpperCase()} `, password: TEST_PASSWORD });
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({ token: expect.stringMatching(/^ey/) as unknown });
    expect(reply.text).toMatch(/^\{\n {2}"token"/);
    expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('names every field that is missing', async () => {
    const reply = await login({});
    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({
      error: 'The request was invalid in some way.',
      extras: { email: 'email is required', password: 'password is required' },
    });
  });

  it('says the same to a wrong password, an unknown person, a foreign one and one who was switched off', async () => {
    const { email } = await server.user(acme, 'owner');
    const stranger = await server.user(other, 'owner');
    const off = await server.user(acme, 'business');
    await server.sql('UPDATE identity.users SET is_active = false WHERE id = $1', [off.id]);
    for (const json of [
      { email, password: 'wrong' },
      { email: 'nobody@acme.test', password: TEST_PASSWORD },
      { email: stranger.email, password: TEST_PASSWORD },
      { email: off.email, password: TEST_PASSWORD },
    ]) {
      const reply = await login(json);
      expect(reply.status).toBe(401);
      expect(reply.body).toEqual({
        error: 'Not authorized.',
        extras: { details: 'Incorrect email or password' },
      });
    }
  });

  it('opens nothing with a password that is another one since it was compared', async () => {
    const { email } = await server.user(acme, 'business');
    const token = await server.login(acme, email);
    const json = { current_password: TEST_PASSWORD, new_password: 'Another-horse-8' };
    overtake(LoginFailuresRepository.prototype, 'giveBack', async () => {
      const changed = await server.call('PATCH', '/profile/reset-password', { token, json });
      expect(changed.status).toBe(200);
    });
    const late = await login({ email, password: TEST_PASSWORD });
    expect([late.status, late.body]).toEqual([
      401,
      { error: 'Not authorized.', extras: { details: 'Incorrect email or password' } },
    ]);
    expect((await login({ email, password: 'Another-horse-8' })).status).toBe(200);
  });

  it('lets an account wait after five failures, even with the right password', async () => {
    const { email } = await server.user(acme, 'business');
    for (let failures = 0; failures < 5; failures += 1) await login({ email, password: 'wrong' });
    // The first wait is a second, and a slow machine needs that long for a request.
    const waits = await server.sql(
      `UPDATE identity.login_failures SET blocked_until = blocked_until + interval '1 hour'
        WHERE failures = 5 AND blocked_until > last_failure_at RETURNING failures`,
    );
    expect(waits.length).toBeGreaterThan(0);
    const reply = await login({ email, password: TEST_PASSWORD });
    expect(reply.status).toBe(429);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('compares no more than five of many guesses that come at once from everywhere', async () => {
    const { email } = await server.user(acme, 'business');
    const startedAt = performance.now();
    const guesses = await Promise.all(
      Array.from({ length: 40 }, (_, number) => login({ email, password: `wrong ${String(number)}` })),
    );
    const statuses = guesses.map(({ status }) => status);
    const [compared, waiting] = [401, 429].map((one) => statuses.filter((status) => status === one).length);
    // Waits of 1, 2, 4, … seconds are over where a slow machine took so long, and each lets one more through.
    const waitsOver = Math.floor(Math.log2(1 + (performance.now() - startedAt) / 1_000));
    expect(compared).toBeGreaterThanOrEqual(5);
    expect(compared).toBeLessThanOrEqual(5 + waitsOver);
    expect((compared ?? 0) + (waiting ?? 0)).toBe(40);
  });

  it('counts nobody who was right, however often and at once', async () => {
    const { email } = await server.user(acme, 'business');
    const right = { email, password: TEST_PASSWORD };
    for (let round = 0; round < 3; round += 1) {
      const replies = await Promise.all(Array.from({ length: 4 }, () => login(right)));
      expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    }
    await login({ email, password: 'wrong' });
    expect((await login(right)).status).toBe(200);
  });

  it('tells to come again whose password could not be looked at in time, and counts nothing', async () => {
    const { email } = await server.user(acme, 'business');
    const right = { email, password: TEST_PASSWORD };
    const hasher = server.app.get(PasswordHasher, { strict: false });
    const line = Array.from({ length: 500 }, () => () => undefined);
    Object.assign(hasher, { running: 2, waiting: line });
    try {
      for (let round = 0; round < 7; round += 1) {
        const reply = await login(right);
        expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '5']);
      }
    } finally {
      Object.assign(hasher, { running: 0, waiting: [] });
    }
    expect((await login(right)).status).toBe(200);
  });

  it('never makes a person wait where they have signed in before, whatever strangers try', async () => {
    const { email } = await server.user(acme, 'business');
    await server.signIn(acme, email, { headers: { 'Device-ID': 'own laptop' } });
    await server.signIn(acme, email, { headers: { 'x-forwarded-for': '192.0.2.44' } });
    const stranger = { 'SDP-Tenant-Name': 'acme', 'x-forwarded-for': '198.51.100.66' };
    for (let failures = 0; failures < 6; failures += 1) {
      await login({ email, password: 'wrong' }, stranger);
    }
    const right = { email, password: TEST_PASSWORD };
    expect((await login(right)).status).toBe(429);
    const named = { 'SDP-Tenant-Name': 'acme' };
    expect((await login(right, { ...named, 'Device-ID': 'own laptop' })).status).toBe(200);
    const office = { ...named, 'x-forwarded-for': '192.0.2.44' };
    expect((await login(right, office)).status).toBe(200);
    // A known place has a count of its own: it is no place to guess from either.
    for (let failures = 0; failures < 6; failures += 1) {
      await login({ email, password: 'wrong' }, office);
    }
    expect((await login(right, office)).status).toBe(429);
    expect((await login(right, { ...named, 'Device-ID': 'own laptop' })).status).toBe(200);
  });

  it('lets a whole address wait that fails for one account after the other', async () => {
    const headers = { 'SDP-Tenant-Name': 'acme', 'x-forwarded-for': '198.51.100.77' };
    const fail = async (count: number): Promise<void> => {
      for (let tried = 0; tried < count; tried += 1) {
        await server.sql('DELETE FROM http.rate_limits');
        await login({ email: `nobody.${String(tried)}@acme.test`, password: 'wrong' }, headers);
      }
    };
    await fail(51);
    const { email } = await server.user(acme, 'business');
    await server.sql('DELETE FROM http.rate_limits');
    const reply = await login({ email, password: TEST_PASSWORD }, headers);
    expect(reply.status).toBe(429);
    expect((await login({ email, password: TEST_PASSWORD })).status).toBe(200);
  });

  it('counts all addresses of one IPv6 connection as one, and knows a person again on another of them', async () => {
    const from = (address: string) => ({ 'SDP-Tenant-Name': 'acme', 'x-forwarded-for': address });
    const { email } = await server.user(acme, 'business');
    for (let tried = 0; tried < 51; tried += 1) {
      const nobody = { email: `nobody.${String(tried)}@acme.test`, password: 'wrong' };
      await login(nobody, from(`2001:db8:0:1::${tried.toString(16)}`));
    }
    const right = { email, password: TEST_PASSWORD };
    expect((await login(right, from('2001:db8:0:1:ffff::1'))).status).toBe(429);
    expect((await login(right, from('2001:db8:0:2::1'))).status).toBe(200);
    for (let failures = 0; failures < 6; failures += 1) await login({ email, password: 'wrong' });
    expect((await login(right)).status).toBe(429);
    expect((await login(right, from('2001:db8:0:2::2'))).status).toBe(200);
  });

  it('asks the database as often for an unknown person as for a known one', async () => {
    const { email } = await server.user(acme, 'business');
    const statements: number[] = [];
    for (const one of [email, 'nobody.at.all@acme.test']) {
      const queries = jest.spyOn(Client.prototype, 'query');
      expect((await login({ email: one, password: 'wrong' })).status).toBe(401);
      const texts = queries.mock.calls.map(([query]) =>
        typeof query === 'string' ? query : String(fieldOf(query, 'text')),
      );
      statements.push(texts.filter((text) => text.includes('identity.')).length);
      queries.mockRestore();
    }
    expect(statements[0]).toBeGreaterThan(2);
    expect(statements[1]).toBe(statements[0]);
  });

  it('needs a tenant', async () => {
    for (const headers of [{}, { 'SDP-Tenant-Name': 'unknown' }, { 'SDP-Tenant-Name': "x' OR 1=1" }]) {
      const reply = await server.call('POST', '/login', { json: {}, headers });
      expect(reply.status).toBe(400);
      expect(reply.body).toEqual({ error: 'Tenant not found in context' });
    }
  });

  it('takes the tenant from the first label of the host', async () => {
    const { email } = await server.user(acme, 'business');
    const reply = await server.call('POST', '/login', {
      json: { email, password: TEST_PASSWORD },
      headers: { 'x-forwarded-host': 'acme.staff.test' },
    });
    expect(reply.status).toBe(200);
  });

  it('hands the same token back while it is young and a new one when it is old', async () => {
    const clock = server.platform.clock;
    const token = await server.tokenFor(acme, 'business');
    const young = await server.call('POST', '/refresh-token', { token });
    expect(young.body).toEqual({ token });
    jest.spyOn(clock, 'now').mockReturnValue(new Date(Date.now() + 13 * 60_000));
    try {
      const old = await server.call('POST', '/refresh-token', { token });
      expect(old.status).toBe(200);
      expect(old.body).not.toEqual({ token });
      jest.spyOn(clock, 'now').mockReturnValue(new Date(Date.now() + 16 * 60_000));
      expect((await server.call('POST', '/refresh-token', { token })).status).toBe(401);
    } finally {
      jest.restoreAllMocks();
    }
  });
});

describe('a token', () => {
  let server: TestServer;
  let acme: TestTenant;
  beforeAll(async () => {
    server = await TestServer.start();
    acme = await server.tenant('acme');
    await server.tenant('other');
  });
  afterAll(() => server.stop());

  const refresh = (token: string, headers: Record<string, string> = {}) =>
    server.call('POST', '/refresh-token', { token, headers });

  it('ends at once when its person is switched off, and when the session is ended', async () => {
    const { id, email } = await server.user(acme, 'owner');
    const token = await server.login(acme, email);
    expect((await refresh(token)).status).toBe(200);
    await server.sql('UPDATE identity.users SET is_active = false WHERE id = $1', [id]);
    expect((await refresh(token)).status).toBe(401);
    await server.sql('UPDATE identity.users SET is_active = true WHERE id = $1', [id]);
    await server.sql('UPDATE identity.sessions SET ended_at = now() WHERE user_id = $1', [id]);
    expect((await refresh(token)).status).toBe(401);
  });

  it('ends when its organisation is switched off', async () => {
    const gone = await server.tenant('gone');
    const token = await server.tokenFor(gone, 'owner');
    await server.sql(`UPDATE tenants.tenants SET status = 'DEACTIVATED' WHERE id = $1`, [gone.id]);
    expect((await refresh(token)).status).toBe(401);
  });

  it('is refused where the header or the host names another tenant', async () => {
    const token = await server.tokenFor(acme, 'owner');
    expect((await refresh(token, { 'SDP-Tenant-Name': 'acme' })).status).toBe(200);
    expect((await refresh(token, { 'SDP-Tenant-Name': 'other' })).status).toBe(401);
    expect((await refresh(token, { 'SDP-Tenant-Name': 'unknown' })).status).toBe(401);
    expect((await refresh(token, { 'x-forwarded-host': 'other.staff.test' })).status).toBe(401);
    expect((await refresh(token, { 'x-forwarded-host': 'acme.staff.test' })).status).toBe(200);
    expect((await refresh(token, { 'x-forwarded-host': 'staff.example.test' })).status).toBe(200);
  });

  it('is refused when anything about it is wrong', async () => {
    const token = await server.tokenFor(acme, 'owner');
    const [head = '', body = '', signature = ''] = token.split('.');
    const otherKind = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), kind: 'wallet' }),
    ).toString('base64url');
    for (const bad of ['x', `${head}.${otherKind}.${signature}`, `${head}.${body}.`, `${token}a`, '']) {
      const reply = await refresh(bad);
      expect(reply.status).toBe(401);
      expect(reply.body).toEqual({ error: 'Not authorized.' });
    }
    const words = await server.call('POST', '/refresh-token', { headers: { authorization: `a b ${token}` } });
    expect(words.status).toBe(401);
  });
});
