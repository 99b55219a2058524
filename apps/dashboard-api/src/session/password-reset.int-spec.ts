import { Client } from 'pg';

import { TEST_PASSWORD, TestServer, type TestTenant } from '../testing/test-server';

const NEW_PASSWORD = 'Another-horse-8';

describe('a forgotten password', () => {
  let server: TestServer;
  let acme: TestTenant;
  let other: TestTenant;

  beforeAll(async () => {
    server = await TestServer.start();
    acme = await server.tenant('acme');
    other = await server.tenant('other');
  });
  afterAll(() => server.stop());

  const ask = (path: string, json: unknown, tenant = 'acme') =>
    server.call('POST', path, { json, headers: { 'SDP-Tenant-Name': tenant } });
  const linkIn = (letter: string): string => /reset-password\?token=([\w-]+)/.exec(letter)?.[1] ?? '';

  /** Asks for a link and waits for its letter. */
  async function linkFor(email: string, before = ''): Promise<string> {
    await ask('/forgot-password', { email });
    for (;;) {
      const link = linkIn(await server.newestLetter());
      if (link !== '' && link !== before) return link;
    }
  }

  it('is answered the same way for everybody', async () => {
    const { email } = await server.user(acme, 'business');
    const replies = [
      await ask('/forgot-password', { email: 'nobody@acme.test' }),
      await ask('/forgot-password', { email: 'no address' }),
      await ask('/forgot-password', { email }),
    ];
    for (const reply of replies) {
      expect(reply.status).toBe(200);
      expect(reply.body).toEqual({
        message:
          "If the email you provided is associated with an account, you'll receive a password reset link shortly. Check your inbox and spam folders.",
      });
    }
    expect((await ask('/forgot-password', {})).body).toMatchObject({
      extras: { email: 'email is required' },
    });
  });

  it('is replaced by the link in the letter, once, and signs out everywhere', async () => {
    const { email } = await server.user(acme, 'business');
    const session = await server.login(acme, email);
    const link = await linkFor(email, linkIn(await server.newestLetter()));
    const change = { password: NEW_PASSWORD, reset_token: link };
    expect((await ask('/reset-password', change, 'other')).status).toBe(400);
    const [one, two] = await Promise.all([ask('/reset-password', change), ask('/reset-password', change)]);
    expect([one.status, two.status].sort()).toEqual([200, 400]);
    expect([one.text, two.text]).toContain('null');
    expect((await server.call('GET', '/profile', { token: session })).status).toBe(401);
    expect((await ask('/login', { email, password: TEST_PASSWORD })).status).toBe(401);
    expect((await ask('/login', { email, password: NEW_PASSWORD })).status).toBe(200);
  });

  it('lets its person in at once where they chose the new one, whatever strangers have tried', async () => {
    const { email } = await server.user(acme, 'business');
    for (let failures = 0; failures < 8; failures += 1) await ask('/login', { email, password: 'wrong' });
    expect((await ask('/login', { email, password: TEST_PASSWORD })).status).toBe(429);
    const link = await linkFor(email, linkIn(await server.newestLetter()));
    const here = { 'SDP-Tenant-Name': 'acme', 'Device-ID': 'new phone' };
    const reset = { password: NEW_PASSWORD, reset_token: link };
    await server.call('POST', '/reset-password', { json: reset, headers: here });
    for (let failures = 0; failures < 8; failures += 1) await ask('/login', { email, password: 'wrong' });
    const right = { email, password: NEW_PASSWORD };
    expect((await ask('/login', right)).status).toBe(429);
    expect((await server.call('POST', '/login', { json: right, headers: here })).status).toBe(200);
  });

  it('lets them in at once also where they themselves had failed before', async () => {
    const { email } = await server.user(acme, 'business');
    const headers = { 'SDP-Tenant-Name': 'acme', 'Device-ID': 'old phone' };
    const signIn = async (password: string): Promise<number> =>
      (await server.call('POST', '/login', { json: { email, password }, headers })).status;
    expect(await signIn(TEST_PASSWORD)).toBe(200);
    for (let failures = 0; failures < 8; failures += 1) await signIn('forgotten');
    expect(await signIn(TEST_PASSWORD)).toBe(429);
    const link = await linkFor(email, linkIn(await server.newestLetter()));
    const reset = { password: NEW_PASSWORD, reset_token: link };
    await server.call('POST', '/reset-password', { json: reset, headers });
    expect(await signIn(NEW_PASSWORD)).toBe(200);
  });

  it('is not replaced by a weak one, a wrong link or an old one', async () => {
    const weak = await ask('/reset-password', { password: 'short', reset_token: 'x' });
    expect(weak.body).toEqual({
      error: 'The request was invalid in some way.',
      extras: {
        uppercase: 'password must contain at least one uppercase letter',
        digit: 'password must contain at least one numerical digit',
        'special character': 'password must contain at least one special character',
        length: 'password length must be between 12 and 128 characters',
      },
    });
    expect((await ask('/reset-password', {})).body).toMatchObject({
      extras: { password: 'password is required', reset_token: 'reset token is required' },
    });
    const wrong = await ask('/reset-password', { password: NEW_PASSWORD, reset_token: 'x' });
    expect(wrong.body).toEqual({ error: 'Invalid reset password token.' });
    const { email } = await server.user(acme, 'business');
    const link = await linkFor(email, linkIn(await server.newestLetter()));
    await server.sql(`UPDATE identity.password_resets SET expires_at = now() - interval '1 second'`);
    const old = await ask('/reset-password', { password: NEW_PASSWORD, reset_token: link });
    expect(old.body).toEqual({
      error: 'Reset password token expired, please request a new token through the forgot password flow.',
    });
  });

  it('waits for another change of the person before it takes its link', async () => {
    const { id, email } = await server.user(acme, 'business');
    const link = await linkFor(email, linkIn(await server.newestLetter()));
    const other = new Client({ connectionString: server.database.superuserUrl });
    await other.connect();
    try {
      // As a change of the mailbox: the person first, then the link.
      await other.query('BEGIN');
      await other.query('SELECT FROM identity.users WHERE id = $1 FOR NO KEY UPDATE', [id]);
      const reset = ask('/reset-password', { password: NEW_PASSWORD, reset_token: link });
      await server.waitsForLock();
      await other.query(`SET LOCAL lock_timeout = '100ms'`);
      expect(
        (await other.query('DELETE FROM identity.password_resets WHERE user_id = $1', [id])).rowCount,
      ).toBe(1);
      await other.query('COMMIT');
      expect((await reset).body).toEqual({ error: 'Invalid reset password token.' });
    } finally {
      await other.end();
    }
  });

  it('costs one letter in five minutes, and a new one replaces the old link', async () => {
    const { email } = await server.user(acme, 'owner');
    const first = await linkFor(email, linkIn(await server.newestLetter()));
    const lettersBefore = await server.sql('SELECT count(*) AS letters FROM messages.messages');
    const longAgo = (minutes: number): Promise<unknown> =>
      server.sql('UPDATE identity.password_resets SET created_at = now() - make_interval(mins => $1)', [
        minutes,
      ]);
    await longAgo(4);
    for (let asked = 0; asked < 5; asked += 1) await ask('/forgot-password', { email });
    // What is still on its way has come when somebody else's letter has.
    const other = await server.user(acme, 'owner');
    await linkFor(other.email, first);
    await longAgo(6);
    const second = await linkFor(email, linkIn(await server.newestLetter()));
    const [lettersAfter] = await server.sql('SELECT count(*) AS letters FROM messages.messages');
    expect(Number(lettersAfter?.['letters'])).toBe(Number(lettersBefore[0]?.['letters']) + 2);
    const old = await ask('/reset-password', { password: NEW_PASSWORD, reset_token: first });
    expect(old.body).toEqual({ error: 'Invalid reset password token.' });
    expect((await ask('/reset-password', { password: NEW_PASSWORD, reset_token: second })).status).toBe(200);
  });

  it('is nothing for somebody who was switched off or belongs elsewhere', async () => {
    const off = await server.user(acme, 'owner');
    await server.sql('UPDATE identity.users SET is_active = false WHERE id = $1', [off.id]);
    const stranger = await server.user(other, 'owner');
    const known = await server.user(acme, 'owner');
    await ask('/forgot-password', { email: off.email });
    await ask('/forgot-password', { email: stranger.email });
    await linkFor(known.email, linkIn(await server.newestLetter()));
    const resets = await server.sql('SELECT 1 FROM identity.password_resets WHERE user_id = ANY($1)', [
      [off.id, stranger.id],
    ]);
    expect(resets).toEqual([]);
  });
});
