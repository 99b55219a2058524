import { TestServer, type TestTenant } from '../testing/test-server';

describe('a session', () => {
  let server: TestServer;
  let acme: TestTenant;

  beforeAll(async () => {
    server = await TestServer.start();
    acme = await server.tenant('acme');
    await server.tenant('other');
  });
  afterAll(() => server.stop());

  const fieldOf = (body: unknown, name: string): string =>
    String(Reflect.get(body as object, name) as unknown);
  /** Signs in and returns both tokens. */
  async function signIn(): Promise<{ id: string; email: string; token: string; refresh: string }> {
    const person = await server.user(acme, 'business');
    const { token, refreshToken } = await server.signIn(acme, person.email);
    return { ...person, token, refresh: refreshToken };
  }
  const refresh = (refreshToken: string, headers: Record<string, string> = {}) =>
    server.call('POST', '/refresh-token', { json: { refresh_token: refreshToken }, headers });
  const profile = async (token: string): Promise<number> =>
    (await server.call('GET', '/profile', { token })).status;

  it('is renewed by a refresh token, without naming the organisation', async () => {
    const { refresh: first } = await signIn();
    const renewed = await refresh(first);
    expect(renewed.status).toBe(200);
    expect(await profile(fieldOf(renewed.body, 'token'))).toBe(200);
    expect((await refresh(fieldOf(renewed.body, 'refresh_token'))).status).toBe(200);
  });

  it('ends for everybody when a refresh token comes a second time', async () => {
    const { refresh: first, token } = await signIn();
    const renewed = await refresh(first);
    expect((await refresh(first)).status).toBe(401);
    expect((await refresh(fieldOf(renewed.body, 'refresh_token'))).status).toBe(401);
    expect(await profile(fieldOf(renewed.body, 'token'))).toBe(401);
    expect(await profile(token)).toBe(401);
  });

  it('is renewed once when a refresh token comes twice at the same time', async () => {
    const { refresh: first } = await signIn();
    const replies = await Promise.all([refresh(first), refresh(first), refresh(first)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  });

  it('is not renewed for a wrong token, another organisation or a person who was switched off', async () => {
    const { refresh: token, id } = await signIn();
    for (const wrong of ['x', '', 'A'.repeat(64), `${token}A`])
      expect((await refresh(wrong)).status).toBe(401);
    expect((await refresh(token, { 'SDP-Tenant-Name': 'other' })).status).toBe(401);
    await server.sql('UPDATE identity.users SET is_active = false WHERE id = $1', [id]);
    expect((await refresh(token)).status).toBe(401);
  });

  it('ends after a day without use, and after seven days in any case', async () => {
    const idle = await signIn();
    await server.sql(`UPDATE identity.sessions SET expires_at = now() WHERE user_id = $1`, [idle.id]);
    expect(await profile(idle.token)).toBe(401);
    expect((await refresh(idle.refresh)).status).toBe(401);
    const old = await signIn();
    await server.sql(
      `UPDATE identity.sessions SET limit_at = now() + interval '1 minute' WHERE user_id = $1`,
      [old.id],
    );
    expect((await refresh(old.refresh)).status).toBe(200);
    const [row] = await server.sql(
      `SELECT expires_at <= limit_at AS bounded FROM identity.sessions WHERE user_id = $1`,
      [old.id],
    );
    expect(row).toEqual({ bounded: true });
  });

  it('keeps its refresh token in a cookie that scripts cannot read', async () => {
    const { email } = await server.user(acme, 'business');
    const reply = await server.call('POST', '/login', {
      headers: { 'SDP-Tenant-Name': 'acme', 'x-forwarded-proto': 'https' },
      json: { email, password: 'Correct-horse-7' },
    });
    expect(reply.body).toEqual({ token: expect.any(String) as unknown });
    const cookie = reply.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^distributary_refresh=[\w-]{64}; .*HttpOnly; Secure; SameSite=Strict/);
    const renewed = await server.call('POST', '/refresh-token', {
      headers: { cookie: `other=1; ${cookie.split(';')[0] ?? ''}` },
    });
    expect(renewed.status).toBe(200);
    expect(renewed.body).toEqual({ token: expect.any(String) as unknown });
    expect(renewed.headers.get('set-cookie')).not.toBe(cookie);
    const nothing = await server.call('POST', '/refresh-token');
    expect(nothing.status).toBe(401);
    expect(nothing.body).toEqual({ error: 'Not authorized.' });
  });

  it('ends with logout, by its token or by its refresh token alone', async () => {
    const one = await signIn();
    expect((await server.call('POST', '/logout', { token: one.token })).status).toBe(204);
    expect(await profile(one.token)).toBe(401);
    expect((await refresh(one.refresh)).status).toBe(401);
    const two = await signIn();
    const out = await server.call('POST', '/logout', { json: { refresh_token: two.refresh } });
    expect(out.status).toBe(204);
    expect(await profile(two.token)).toBe(401);
    expect((await server.call('POST', '/logout')).status).toBe(401);
  });

  it('leaves its end in the audit log, also when a refresh token alone brought it, and never that token', async () => {
    const audited = async (actorId: string) =>
      await server.sql(
        `SELECT action, subject_type, before, after FROM identity.audit_log
          WHERE tenant_id = $1 AND actor_id = $2 AND action <> 'POST /login' ORDER BY seq`,
        [acme.id, actorId],
      );
    const row = { subject_type: 'session', before: null, after: null };
    const left = await signIn();
    await server.call('POST', '/logout', { json: { refresh_token: left.refresh } });
    await server.call('POST', '/logout', { json: { refresh_token: left.refresh } });
    expect(await audited(left.id)).toEqual([{ ...row, action: 'POST /logout' }]);
    const copied = await signIn();
    await refresh(copied.refresh);
    expect(await audited(copied.id)).toEqual([]);
    await refresh(copied.refresh);
    await refresh(copied.refresh);
    expect(await audited(copied.id)).toEqual([{ ...row, action: 'POST /refresh-token' }]);
  });

  it('is listed for its person, who can end one, or all others', async () => {
    const person = await server.user(acme, 'approver');
    const one = await server.login(acme, person.email);
    const two = await server.login(acme, person.email);
    const three = await server.login(acme, person.email);
    const list = await server.call('GET', '/sessions', { token: one });
    const sessions = list.body as { id: string; is_current: boolean; address: string }[];
    expect(sessions.map(({ is_current }) => is_current)).toEqual([false, false, true]);
    expect(sessions[0]?.address).toMatch(/^10\./);
    const stranger = await signIn();
    const foreign = await server.call('DELETE', `/sessions/${sessions[0]?.id ?? ''}`, {
      token: stranger.token,
    });
    expect(foreign.status).toBe(404);
    expect(await profile(three)).toBe(200);
    const ended = await server.call('DELETE', `/sessions/${sessions[0]?.id ?? ''}`, { token: one });
    expect(ended.status).toBe(204);
    expect(await profile(three)).toBe(401);
    expect((await server.call('DELETE', '/sessions', { token: one })).status).toBe(204);
    expect([await profile(one), await profile(two)]).toEqual([200, 401]);
  });
});
