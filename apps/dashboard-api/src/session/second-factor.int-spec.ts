import { signInsOn } from '../testing/sign-ins';
import { TEST_PASSWORD, TestServer, type TestTenant } from '../testing/test-server';

describe('the second factor', () => {
  let server: TestServer;
  let acme: TestTenant;

  beforeAll(async () => {
    server = await TestServer.start({ DISABLE_MFA: 'false' });
    acme = await server.tenant('acme');
  });
  afterAll(() => server.stop());

  const { headers, login, mfa, codeInTheMail } = signInsOn(() => server);

  /** The next letter that has not this text. */
  async function newLetterThan(text: string): Promise<string> {
    for (;;) {
      const letter = await server.newestLetter();
      if (!letter.includes(text)) return letter;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  it('is asked for by mail, works once, and only on its device', async () => {
    const { email } = await server.user(acme, 'owner');
    const asked = await login(email, 'laptop');
    expect(asked.body).toEqual({
      message: 'MFA code sent to email. Check your inbox and spam folders.',
    });
    const code = await codeInTheMail();
    expect((await mfa({ mfa_code: code }, 'phone')).status).toBe(401);
    const proven = await mfa({ mfa_code: code }, 'laptop');
    expect(proven.body).toEqual({ token: expect.any(String) as unknown });
    expect((await mfa({ mfa_code: code }, 'laptop')).status).toBe(401);
    expect((await login(email, 'laptop')).body).toHaveProperty('message');
  });

  it('names what is missing', async () => {
    const nothing = await server.call('POST', '/login', { json: {}, headers: headers(null) });
    expect(nothing.body).toMatchObject({
      extras: {
        email: 'email is required',
        password: 'password is required',
        'Device-ID': 'Device-ID header is required',
      },
    });
    expect((await mfa({}, null)).body).toMatchObject({
      extras: { mfa_code: 'mfa_code is required', 'Device-ID': 'Device-ID header is required' },
    });
  });

  it('dies after five wrong tries, also when they come at once', async () => {
    const { email } = await server.user(acme, 'owner');
    await login(email, 'guess');
    const code = await codeInTheMail();
    const wrong = code === '000000' ? '000001' : '000000';
    const tries = await Promise.all(Array.from({ length: 12 }, () => mfa({ mfa_code: wrong }, 'guess')));
    expect(tries.every(({ status }) => status === 401)).toBe(true);
    expect((await mfa({ mfa_code: code }, 'guess')).status).toBe(401);
    const [row] = await server.sql(
      `SELECT max(tries) AS tries FROM identity.mfa_codes m JOIN identity.users u ON u.id = m.user_id WHERE u.email = $1`,
      [email],
    );
    expect(row).toEqual({ tries: 5 });
    // Guessing codes makes signing in wait, like guessing passwords.
    expect((await login(email, 'guess')).status).toBe(429);
  });

  it('is remembered for a device only after a right code', async () => {
    const { email } = await server.user(acme, 'owner');
    await login(email, 'tablet');
    const code = await codeInTheMail();
    await mfa({ mfa_code: 'abcdef', remember_me: true }, 'tablet');
    expect((await login(email, 'tablet')).body).toHaveProperty('message');
    expect((await mfa({ mfa_code: code, remember_me: true }, 'tablet')).status).toBe(401);
    await mfa({ mfa_code: await codeInTheMail(), remember_me: true }, 'tablet');
    expect((await login(email, 'tablet')).body).toHaveProperty('token');
    expect((await login(email, 'another')).body).toHaveProperty('message');
    expect((await login(email, 'tablet', 'wrong')).status).toBe(401);
  });

  it('is not waited for any longer when the password is another one', async () => {
    const { email } = await server.user(acme, 'owner');
    await login(email, 'desk');
    const here = await mfa({ mfa_code: await codeInTheMail() }, 'desk');
    const token = String(Reflect.get(Object(here.body), 'token'));
    const waiting = async (password: string): Promise<string> => {
      await login(email, 'stranger', password);
      return await codeInTheMail();
    };
    const first = await waiting(TEST_PASSWORD);
    const change = { current_password: TEST_PASSWORD, new_password: 'Another-horse-8' };
    expect((await server.call('PATCH', '/profile/reset-password', { token, json: change })).status).toBe(200);
    expect((await mfa({ mfa_code: first }, 'stranger')).status).toBe(401);
    const second = await waiting('Another-horse-8');
    await server.call('POST', '/forgot-password', { json: { email }, headers: headers(null) });
    const link = await newLetterThan(second);
    const json = { password: 'Third-horse-9', reset_token: /token=([\w-]+)/.exec(link)?.[1] ?? '' };
    const reset = await server.call('POST', '/reset-password', { json, headers: headers(null) });
    expect(reset.status).toBe(200);
    expect((await mfa({ mfa_code: second }, 'stranger')).status).toBe(401);
  });

  it('has codes that end after five minutes', async () => {
    const { email } = await server.user(acme, 'owner');
    await login(email, 'slow');
    await server.sql(`UPDATE identity.mfa_codes SET expires_at = now() - interval '1 second'`);
    const late = await mfa({ mfa_code: await codeInTheMail(), remember_me: true }, 'slow');
    expect(late.status).toBe(401);
    expect((await login(email, 'slow')).body).toHaveProperty('message');
  });

  it('is waited for by few sign-ins of who has only the password, who has few letters sent', async () => {
    const { email } = await server.user(acme, 'owner');
    await login(email, 'own');
    await mfa({ mfa_code: await codeInTheMail() }, 'own');
    const letters = async (): Promise<number> =>
      Number((await server.sql('SELECT count(*) FROM messages.messages'))[0]?.['count']);
    const before = await letters();
    for (let begun = 0; begun < 10; begun += 1) {
      expect((await login(email, `stranger ${String(begun)}`)).status).toBe(200);
    }
    // The first wait is a second, and a slow machine needs that long for a request.
    await server.sql(
      `UPDATE identity.login_failures SET blocked_until = blocked_until + interval '1 minute'`,
    );
    const early = await login(email, 'one more stranger');
    expect([early.status, Number(early.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect((await mfa({ mfa_code: await codeInTheMail() }, 'one more stranger')).status).toBe(401);
    expect(await letters()).toBe(before + 10);
    // Its person goes on where they have signed in before, and from there as often as they finish.
    for (let finished = 0; finished < 12; finished += 1) {
      expect((await login(email, 'own')).status).toBe(200);
      expect((await mfa({ mfa_code: await codeInTheMail() }, 'own')).status).toBe(200);
    }
  });

  it('is not asked for where the organisation has switched it off', async () => {
    const relaxed = await server.tenant('relaxed');
    await server.sql('UPDATE tenants.organizations SET mfa_disabled = true WHERE tenant_id = $1', [
      relaxed.id,
    ]);
    expect(await server.tokenFor(relaxed, 'owner')).toEqual(expect.any(String) as unknown);
  });
});
