import { generateSync } from 'otplib';

import { SoftAuthenticator } from '../testing/soft-authenticator';
import { signInsOn } from '../testing/sign-ins';
import { TEST_PASSWORD, type Reply, TestServer, type TestTenant } from '../testing/test-server';

describe('second factors of a person', () => {
  let server: TestServer;
  let acme: TestTenant;

  beforeAll(async () => {
    server = await TestServer.start({ DISABLE_MFA: 'false' });
    acme = await server.tenant('acme');
  });
  afterAll(() => server.stop());

  const fieldOf = (reply: Reply, name: string): unknown => Reflect.get(reply.body as object, name) as unknown;
  const { headers, login, mfa, codeInTheMail } = signInsOn(() => server);
  const laterBy = (seconds: number): void => {
    const { clock } = server.platform;
    const now = clock.now().getTime() + seconds * 1000;
    jest.spyOn(clock, 'now').mockReturnValue(new Date(now));
  };
  afterEach(() => jest.restoreAllMocks());

  /** Signed in by a code in the mail. */
  async function person(): Promise<{ id: string; email: string; token: string }> {
    const user = await server.user(acme, 'owner');
    await login(user.email, 'first');
    const reply = await mfa({ mfa_code: await codeInTheMail() }, 'first');
    return { ...user, token: String(fieldOf(reply, 'token')) };
  }
  const totpCode = (secret: string): string =>
    generateSync({ secret, epoch: Math.floor(server.platform.clock.now().getTime() / 1000) });

  /** With an app; its code of this half minute is used up. */
  async function personWithApp() {
    const someone = await person();
    const begun = await server.call('POST', '/profile/totp', { token: someone.token });
    const secret = String(fieldOf(begun, 'secret'));
    const confirmed = await server.call('POST', '/profile/totp/confirm', {
      token: someone.token,
      json: { code: totpCode(secret) },
    });
    expect(confirmed.status).toBe(200);
    return { ...someone, secret, recoveryCodes: fieldOf(confirmed, 'recovery_codes') as string[] };
  }

  describe('an authenticator app', () => {
    it('is set up with a secret, a link and a picture of it, and counts once a code was shown', async () => {
      const { token, email } = await person();
      const begun = await server.call('POST', '/profile/totp', { token });
      expect(begun.status).toBe(201);
      expect(begun.body).toEqual({
        secret: expect.stringMatching(/^[A-Z2-7]{32}$/) as unknown,
        uri: expect.stringMatching(/^otpauth:\/\/totp\/acme%20aid:owner/) as unknown,
        qr_code: expect.stringMatching(/^data:image\/png;base64,/) as unknown,
      });
      const wrong = await server.call('POST', '/profile/totp/confirm', { token, json: { code: '000000' } });
      expect(wrong.status).toBe(400);
      expect((await login(email, 'second')).body).not.toHaveProperty('second_factors');
      const code = totpCode(String(fieldOf(begun, 'secret')));
      const right = await server.call('POST', '/profile/totp/confirm', { token, json: { code } });
      expect(fieldOf(right, 'recovery_codes')).toHaveLength(10);
      expect((await server.call('POST', '/profile/totp', { token })).status).toBe(409);
      const rows = await server.sql('SELECT t::text AS row FROM identity.totp_secrets t');
      expect(JSON.stringify(rows)).not.toContain(fieldOf(begun, 'secret'));
    });

    it('is asked for at sign-in; a code works once and with half a minute of drift', async () => {
      const { email, secret } = await personWithApp();
      laterBy(120);
      const asked = await login(email, 'laptop');
      expect(asked.body).toEqual({
        message: 'Enter a code of your authenticator app, use your passkey, or enter a recovery code.',
        second_factors: ['totp', 'recovery_code', 'email_code'],
      });
      const code = totpCode(secret);
      laterBy(30);
      expect((await mfa({ mfa_code: code }, 'laptop')).status).toBe(200);
      await login(email, 'laptop');
      expect((await mfa({ mfa_code: code }, 'laptop')).status).toBe(401);
      laterBy(90);
      expect((await mfa({ mfa_code: code }, 'laptop')).status).toBe(401);
      expect((await mfa({ mfa_code: totpCode(secret) }, 'laptop')).status).toBe(200);
    });

    it('gives five tries in all, whatever is tried, and no letter brings new ones', async () => {
      const { email, secret, recoveryCodes } = await personWithApp();
      laterBy(60);
      await login(email, 'guess');
      for (const wrong of ['000001', 'aaaaa-bbbbb', 'x', '000002']) await mfa({ mfa_code: wrong }, 'guess');
      await server.call('POST', '/mfa/email', { headers: headers('guess') });
      await mfa({ mfa_code: '000003' }, 'guess');
      expect((await mfa({ mfa_code: totpCode(secret) }, 'guess')).status).toBe(401);
      expect((await mfa({ mfa_code: recoveryCodes[0] }, 'guess')).status).toBe(401);
    });

    it('is guessed no oftener from many devices than from one: all of them wait for the person', async () => {
      const { email, secret } = await personWithApp();
      laterBy(60);
      for (const device of ['one', 'two']) await login(email, device);
      for (let guesses = 0; guesses < 5; guesses += 1) {
        expect((await mfa({ mfa_code: '000001' }, 'one')).status).toBe(401);
      }
      const block = (until: string) =>
        server.sql(`UPDATE identity.login_failures SET blocked_until = now() + interval '${until}'`);
      await block('1 minute');
      const early = await mfa({ mfa_code: totpCode(secret) }, 'two');
      expect([early.status, Number(early.headers.get('retry-after')) > 0]).toEqual([429, true]);
      await block('0');
      expect((await mfa({ mfa_code: totpCode(secret) }, 'two')).status).toBe(200);
      expect((await login(email, 'three')).status).toBe(200);
    });

    it('whose secret cannot be opened is set up again, by way of another factor', async () => {
      /** As after a change of VERIFICATION_PEPPER. Bytes 2 to 5 name the key. */
      const spoil = (userId: string) =>
        server.sql(
          `UPDATE identity.totp_secrets SET secret_sealed = set_byte(secret_sealed, 1, get_byte(secret_sealed, 1) # 1) WHERE user_id = $1`,
          [userId],
        );
      const unopened = (userId: string) => [
        {
          userId,
          error: { message: 'sealed under a key that is not here' },
          message:
            'the secret of an authenticator app cannot be opened: see VERIFICATION_PEPPER in docs/keys.md',
        },
      ];
      const { id, email, secret } = await personWithApp();
      await spoil(id);
      laterBy(60);
      expect((await login(email, 'laptop')).body).toHaveProperty('second_factors');
      expect((await mfa({ mfa_code: totpCode(secret) }, 'laptop')).status).toBe(401);
      expect(server.logs.splice(0)).toMatchObject(unopened(id));
      await server.call('POST', '/mfa/email', { headers: headers('laptop') });
      const signedIn = await mfa({ mfa_code: await codeInTheMail() }, 'laptop');
      const token = String(fieldOf(signedIn, 'token'));
      expect((await server.call('DELETE', '/profile/totp', { token })).status).toBe(204);

      const begin = async () =>
        String(fieldOf(await server.call('POST', '/profile/totp', { token }), 'secret'));
      const confirm = (code: string) =>
        server.call('POST', '/profile/totp/confirm', { token, json: { code } });
      const begun = await begin();
      await spoil(id);
      expect((await confirm(totpCode(begun))).status).toBe(400);
      expect(server.logs.splice(0)).toMatchObject(unopened(id));
      expect((await confirm(totpCode(await begin()))).status).toBe(200);
    });

    it('is taken away, and its recovery codes with it', async () => {
      const { email, token } = await personWithApp();
      expect((await server.call('DELETE', '/profile/totp', { token })).status).toBe(204);
      expect((await server.call('DELETE', '/profile/totp', { token })).status).toBe(404);
      const factors = await server.call('GET', '/profile/second-factors', { token });
      expect(factors.body).toMatchObject({ totp: { confirmed_at: null }, recovery_codes_left: 0 });
      expect((await login(email, 'laptop')).body).not.toHaveProperty('second_factors');
    });
  });

  describe('recovery codes', () => {
    it('work once each, however they are written, and are kept as hashes', async () => {
      const { email, recoveryCodes } = await personWithApp();
      const [first = '', second = ''] = recoveryCodes;
      await login(email, 'laptop');
      expect((await mfa({ mfa_code: first.toUpperCase().replace('-', '') }, 'laptop')).status).toBe(200);
      await login(email, 'laptop');
      expect((await mfa({ mfa_code: first }, 'laptop')).status).toBe(401);
      expect((await mfa({ mfa_code: second }, 'laptop')).status).toBe(200);
      const rows = await server.sql('SELECT c::text AS row FROM identity.recovery_codes c');
      expect(JSON.stringify(rows)).not.toContain(second);
    });

    it('are replaced by new ones, for who has something to recover from', async () => {
      const { email, token, recoveryCodes } = await personWithApp();
      const replaced = await server.call('POST', '/profile/recovery-codes', { token });
      expect(replaced.status).toBe(201);
      await login(email, 'laptop');
      expect((await mfa({ mfa_code: recoveryCodes[0] }, 'laptop')).status).toBe(401);
      const [fresh] = fieldOf(replaced, 'recovery_codes') as string[];
      expect((await mfa({ mfa_code: fresh }, 'laptop')).status).toBe(200);
      const nobody = await person();
      const refused = await server.call('POST', '/profile/recovery-codes', { token: nobody.token });
      expect(refused.status).toBe(409);
    });
  });

  describe('a passkey', () => {
    const site = 'http://acme.staff.test';
    async function personWithKey() {
      const someone = await person();
      const key = new SoftAuthenticator(site);
      const { token } = someone;
      const options = await server.call('POST', '/profile/passkeys/options', { token });
      const added = await server.call('POST', '/profile/passkeys', {
        token,
        json: { name: 'blue key', response: key.register(options.body) },
      });
      return { ...someone, key, added };
    }
    const question = (device: string) =>
      server.call('POST', '/mfa/passkey-options', { headers: headers(device) });

    it('is set up and opens a session, by the answer to the newest question alone', async () => {
      const { email, token, key, added } = await personWithKey();
      expect(added.status).toBe(201);
      expect(added.body).toMatchObject({ name: 'blue key' });
      expect((await login(email, 'laptop')).body).toMatchObject({
        second_factors: ['passkey', 'recovery_code', 'email_code'],
      });
      const old = await question('laptop');
      const newest = await question('laptop');
      expect((await mfa({ passkey: key.prove(old.body) }, 'laptop')).status).toBe(401);
      const again = await question('laptop');
      expect(again.body).not.toEqual(newest.body);
      const answer = key.prove(again.body);
      expect((await mfa({ passkey: answer }, 'laptop')).status).toBe(200);
      await login(email, 'laptop');
      expect((await mfa({ passkey: answer }, 'laptop')).status).toBe(401);
      const factors = await server.call('GET', '/profile/second-factors', { token });
      expect(factors.body).toMatchObject({
        passkeys: [{ name: 'blue key', last_used_at: expect.any(String) as unknown }],
      });
    });

    it('is refused from another site, from another key and when it is malformed', async () => {
      const { email, token } = await personWithKey();
      await login(email, 'laptop');
      const { body } = await question('laptop');
      const stranger = new SoftAuthenticator(site);
      for (const passkey of [stranger.prove(body), {}, { id: 'x', rawId: 'x', response: {} }]) {
        expect((await mfa({ passkey }, 'laptop')).status).toBe(401);
      }
      const elsewhere = new SoftAuthenticator('http://acme.staff.evil');
      const options = await server.call('POST', '/profile/passkeys/options', { token });
      const refused = await server.call('POST', '/profile/passkeys', {
        token,
        json: { name: 'evil', response: elsewhere.register(options.body) },
      });
      expect(refused.status).toBe(400);
      const nobody = await question('nobody waits here');
      expect(nobody.status).toBe(401);
    });

    it('is taken away by its person alone', async () => {
      const { token, added } = await personWithKey();
      const stranger = await person();
      const path = `/profile/passkeys/${String(fieldOf(added, 'id'))}`;
      expect((await server.call('DELETE', path, { token: stranger.token })).status).toBe(404);
      expect((await server.call('DELETE', path, { token })).status).toBe(204);
      expect((await server.call('DELETE', path, { token })).status).toBe(404);
    });
  });

  describe('a code by mail', () => {
    it('stands in for an app that is not at hand, once per sign-in', async () => {
      const { email } = await personWithApp();
      await login(email, 'laptop');
      await server.call('POST', '/mfa/email', { headers: headers('laptop') });
      const code = await codeInTheMail();
      await server.call('POST', '/mfa/email', { headers: headers('laptop') });
      expect(await codeInTheMail()).toBe(code);
      expect((await mfa({ mfa_code: code }, 'laptop')).status).toBe(200);
    });

    it('is worth nothing once the organisation forbids it, although it was sent before, to who has something better', async () => {
      const { email, token } = await personWithApp();
      const forbid = (isForbidden: boolean) =>
        server.sql('UPDATE tenants.organizations SET email_codes_forbidden = $2 WHERE tenant_id = $1', [
          acme.id,
          isForbidden,
        ]);
      await login(email, 'laptop');
      await server.call('POST', '/mfa/email', { headers: headers('laptop') });
      const forSignIn = await codeInTheMail();
      await server.call('POST', '/step-up/options', { token, json: { email_code: true } });
      const forStepUp = await codeInTheMail();
      await forbid(true);
      try {
        expect((await mfa({ mfa_code: forSignIn }, 'laptop')).status).toBe(401);
        const stepUp = await server.call('POST', '/step-up', { token, json: { code: forStepUp } });
        expect(stepUp.status).toBe(400);
      } finally {
        await forbid(false);
      }
    });

    it('opens nothing but the setting up of something better where the organisation forbids it', async () => {
      const strict = await server.tenant('strict');
      const named = { 'SDP-Tenant-Name': 'strict', 'Device-ID': 'laptop' };
      const { email } = await server.user(strict, 'owner');
      await server.sql('UPDATE tenants.organizations SET email_codes_forbidden = true WHERE tenant_id = $1', [
        strict.id,
      ]);
      const signIn = () =>
        server.call('POST', '/login', { json: { email, password: TEST_PASSWORD }, headers: named });
      await signIn();
      const json = { mfa_code: await codeInTheMail() };
      const token = String(fieldOf(await server.call('POST', '/mfa', { json, headers: named }), 'token'));
      const refused = await server.call('GET', '/users', { token });
      expect(refused.status).toBe(403);
      expect(refused.body).toMatchObject({ error_code: 'second_factor_enrolment_required' });
      const begun = await server.call('POST', '/profile/totp', { token });
      const secret = String(fieldOf(begun, 'secret'));
      await server.call('POST', '/profile/totp/confirm', { token, json: { code: totpCode(secret) } });
      expect((await server.call('GET', '/users', { token })).status).toBe(200);
      expect((await signIn()).body).toMatchObject({ second_factors: ['totp', 'recovery_code'] });
      const before = await server.newestLetter();
      await server.call('POST', '/mfa/email', { headers: named });
      expect(await server.newestLetter()).toBe(before);
    });

    it('opens nothing more when its person sets something up elsewhere, where the organisation forbids it', async () => {
      const stern = await server.tenant('stern');
      const { email } = await server.user(stern, 'owner');
      await server.sql('UPDATE tenants.organizations SET email_codes_forbidden = true WHERE tenant_id = $1', [
        stern.id,
      ]);
      const tokenOn = async (device: string): Promise<string> => {
        const named = { 'SDP-Tenant-Name': 'stern', 'Device-ID': device };
        await server.call('POST', '/login', { json: { email, password: TEST_PASSWORD }, headers: named });
        const json = { mfa_code: await codeInTheMail() };
        return String(fieldOf(await server.call('POST', '/mfa', { json, headers: named }), 'token'));
      };
      const [own, stranger] = [await tokenOn('laptop'), await tokenOn('stranger')];
      const begun = await server.call('POST', '/profile/totp', { token: own });
      const json = { code: totpCode(String(fieldOf(begun, 'secret'))) };
      expect((await server.call('POST', '/profile/totp/confirm', { token: own, json })).status).toBe(200);
      expect((await server.call('GET', '/users', { token: own })).status).toBe(200);
      for (const path of ['/users', '/profile']) {
        expect((await server.call('GET', path, { token: stranger })).status).toBe(401);
      }
    });

    it('is asked for again on every device where the organisation forbids it, also once there is something better', async () => {
      const wary = await server.tenant('wary');
      const named = { 'SDP-Tenant-Name': 'wary', 'Device-ID': 'laptop' };
      const { email } = await server.user(wary, 'owner');
      const signIn = () =>
        server.call('POST', '/login', { json: { email, password: TEST_PASSWORD }, headers: named });
      const prove = async () => {
        const json = { mfa_code: await codeInTheMail(), remember_me: true };
        return await server.call('POST', '/mfa', { json, headers: named });
      };
      const rememberedDevices = () =>
        server.sql('SELECT FROM identity.mfa_codes WHERE tenant_id = $1 AND remembered_until > now()', [
          wary.id,
        ]);
      const forbidding = 'UPDATE tenants.organizations SET email_codes_forbidden = $2 WHERE tenant_id = $1';
      await server.sql(forbidding, [wary.id, true]);
      await signIn();
      expect((await prove()).status).toBe(200);
      expect(await rememberedDevices()).toEqual([]);
      // Remembered while such codes were good enough, which they are no more.
      await server.sql(forbidding, [wary.id, false]);
      await signIn();
      await prove();
      expect(await rememberedDevices()).toHaveLength(1);
      await server.sql(forbidding, [wary.id, true]);
      expect((await signIn()).body).toEqual({ message: expect.any(String) as unknown });
      const token = String(fieldOf(await prove(), 'token'));
      expect((await server.call('GET', '/users', { token })).status).toBe(403);
      const begun = await server.call('POST', '/profile/totp', { token });
      const json = { code: totpCode(String(fieldOf(begun, 'secret'))) };
      expect((await server.call('POST', '/profile/totp/confirm', { token, json })).status).toBe(200);
      expect((await signIn()).body).toMatchObject({ second_factors: ['totp', 'recovery_code'] });
    });
  });

  describe('a remembered device', () => {
    it('is not asked for seven days, until it is forgotten', async () => {
      const { email, token, secret } = await personWithApp();
      laterBy(60);
      await login(email, 'tablet');
      await mfa({ mfa_code: totpCode(secret), remember_me: true }, 'tablet');
      expect((await login(email, 'tablet')).body).toHaveProperty('token');
      const factors = await server.call('GET', '/profile/second-factors', { token });
      const [device] = fieldOf(factors, 'remembered_devices') as { id: string; remembered_until: string }[];
      const days = (Date.parse(device?.remembered_until ?? '') - Date.now()) / 86_400_000;
      expect(days).toBeGreaterThan(6.9);
      expect(days).toBeLessThan(7.1);
      const stranger = await person();
      const path = `/profile/devices/${device?.id ?? ''}`;
      expect((await server.call('DELETE', path, { token: stranger.token })).status).toBe(404);
      expect((await server.call('DELETE', path, { token })).status).toBe(204);
      expect((await login(email, 'tablet')).body).toHaveProperty('second_factors');
    });
  });
});
