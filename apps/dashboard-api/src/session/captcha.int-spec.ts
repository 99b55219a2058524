import { SettingsError } from '@libs/config';
import { HUMAN_TOKEN, LocalRecaptcha, tokenWithScore } from '@libs/testing';

import { disableRecaptcha } from '../cli/disable-recaptcha';
import { type Reply, TEST_PASSWORD, TestServer, type TestTenant } from '../testing/test-server';

describe('the captcha of staff', () => {
  let local: LocalRecaptcha;
  let server: TestServer;
  let acme: TestTenant;
  let email: string;

  beforeAll(async () => {
    local = await LocalRecaptcha.start();
    server = await TestServer.start({
      ...local.settings(),
      DISABLE_RECAPTCHA: 'false',
      DISABLE_MFA: 'false',
    });
    acme = await server.tenant('acme');
    ({ email } = await server.user(acme, 'owner'));
  });
  afterAll(async () => {
    await server.stop();
    await local.stop();
  });
  afterEach(() => {
    local.fault = 'none';
  });

  const headers = { 'SDP-Tenant-Name': 'acme', 'Device-ID': 'laptop', 'x-forwarded-for': '192.0.2.9' };
  const send = (path: string, json: object): Promise<Reply> => server.call('POST', path, { json, headers });
  const login = (recaptcha_token?: string): Promise<Reply> =>
    send('/login', { email, password: TEST_PASSWORD, recaptcha_token });
  const mfa = (recaptcha_token?: string): Promise<Reply> =>
    send('/mfa', { mfa_code: '123456', recaptcha_token });
  const forgot = (recaptcha_token?: string): Promise<Reply> =>
    send('/forgot-password', { email, recaptcha_token });

  it('is asked for at sign-in, at the second factor and for a new password', async () => {
    for (const ask of [login, mfa, forgot]) {
      const reply = await ask();
      expect(reply.status).toBe(400);
      expect(reply.body).toMatchObject({ extras: { recaptcha_token: 'reCAPTCHA token is required' } });
      const robot = await ask('made up');
      expect(robot.status).toBe(400);
      expect(robot.body).toEqual({ error: 'reCAPTCHA token invalid' });
    }
    const nothing = await send('/login', {});
    expect(nothing.body).toMatchObject({
      extras: { email: 'email is required', recaptcha_token: 'reCAPTCHA token is required' },
    });
    expect((await login(HUMAN_TOKEN)).body).toHaveProperty('message');
    expect(local.asked.at(-1)).toEqual({ token: HUMAN_TOKEN, address: '192.0.2.9' });
    expect((await mfa(HUMAN_TOKEN)).status).toBe(401);
    expect((await forgot(HUMAN_TOKEN)).status).toBe(200);
  });

  it('lets nobody in while it cannot be judged, and compares no password', async () => {
    local.fault = 'error';
    const cannot = { error: 'Cannot validate reCAPTCHA token' };
    expect(await login(HUMAN_TOKEN)).toMatchObject({ status: 401, body: cannot });
    expect(await mfa(HUMAN_TOKEN)).toMatchObject({ status: 500, body: cannot });
    expect(await forgot(HUMAN_TOKEN)).toMatchObject({ status: 500, body: cannot });
    const wrong = { email, password: 'wrong', recaptcha_token: HUMAN_TOKEN };
    expect((await send('/login', wrong)).body).toEqual(cannot);
    local.fault = 'none';
    for (let tries = 0; tries < 8; tries += 1) await send('/login', { ...wrong, recaptcha_token: 'made up' });
    expect((await login(HUMAN_TOKEN)).status).toBe(200);
  });

  it('is as the organisation says, and the page is told', async () => {
    const config = async (): Promise<unknown> => (await server.call('GET', '/app-config', { headers })).body;
    const shown = { captcha_type: 'GOOGLE_RECAPTCHA_V2', captcha_site_key: 'site key of the local captcha' };
    expect(await config()).toEqual({ ...shown, captcha_disabled: false });
    await server.sql('UPDATE tenants.organizations SET captcha_disabled = true WHERE tenant_id = $1', [
      acme.id,
    ]);
    expect(await config()).toEqual({ ...shown, captcha_disabled: true });
    expect((await login()).body).toHaveProperty('message');
    await server.sql('UPDATE tenants.organizations SET captcha_disabled = NULL WHERE tenant_id = $1', [
      acme.id,
    ]);
    expect((await login()).status).toBe(400);
  });

  it('of version 3 refuses a low score; an organisation switches it on where it is off', async () => {
    const v3 = await TestServer.start(local.settings('GOOGLE_RECAPTCHA_V3'));
    try {
      const other = await v3.tenant('other');
      const person = await v3.user(other, 'owner');
      const token = await v3.login(other, person.email);
      const form = new FormData();
      form.set('data', JSON.stringify({ captcha_disabled: false }));
      expect((await v3.call('PATCH', '/organization', { token, body: form })).status).toBe(200);
      const status = async (recaptcha_token: string): Promise<number> => {
        const json = { email: person.email, password: TEST_PASSWORD, recaptcha_token };
        return (await v3.call('POST', '/login', { json, headers: { 'SDP-Tenant-Name': 'other' } })).status;
      };
      expect(await status('')).toBe(400);
      expect(await status(tokenWithScore(0.4))).toBe(400);
      expect(await status(tokenWithScore(0.5))).toBe(200);
    } finally {
      await v3.stop();
    }
  });

  it("of an organisation is nobody's to solve without keys: it says so, and the operator switches it off", async () => {
    const keyless = await TestServer.start({ DISABLE_RECAPTCHA: 'true' });
    try {
      const tenant = await keyless.tenant('keyless');
      const person = await keyless.user(tenant, 'owner');
      await keyless.sql('UPDATE tenants.organizations SET captcha_disabled = false WHERE tenant_id = $1', [
        tenant.id,
      ]);
      const tried = (path: string, json: object): Promise<Reply> =>
        keyless.call('POST', path, {
          json,
          headers: { 'SDP-Tenant-Name': tenant.name, 'Device-ID': 'laptop' },
        });
      const credentials = { email: person.email, password: TEST_PASSWORD };
      for (const recaptcha_token of [undefined, 'made up']) {
        for (const [path, json] of [
          ['/login', credentials],
          ['/mfa', { mfa_code: '123456' }],
          ['/forgot-password', { email: person.email }],
        ] as const) {
          expect(await tried(path, { ...json, recaptcha_token })).toMatchObject({
            status: 503,
            body: { error: expect.stringContaining('none is set up on this server') as unknown },
          });
        }
      }
      const order = { tenant: tenant.name, actor: 'test' };
      await disableRecaptcha(keyless.platform.unitOfWork, order);
      await disableRecaptcha(keyless.platform.unitOfWork, order);
      expect((await tried('/login', credentials)).status).toBe(200);
      const audited = await keyless.sql(
        `SELECT actor_type, subject_type, before, after FROM identity.audit_log WHERE action = 'tenants disable-recaptcha'`,
        [],
      );
      expect(audited).toEqual([
        {
          actor_type: 'operator',
          subject_type: 'organization',
          before: { captcha_disabled: false },
          after: { captcha_disabled: true },
        },
      ]);
    } finally {
      await keyless.stop();
    }
  });

  it('stops the start where it is asked for and has no keys', async () => {
    await expect(TestServer.start({ DISABLE_RECAPTCHA: 'false' })).rejects.toThrow(SettingsError);
  });
});
