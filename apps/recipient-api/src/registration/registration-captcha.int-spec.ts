import vm from 'node:vm';

import { HUMAN_TOKEN, LocalRecaptcha, tokenWithScore } from '@libs/testing';

import { BIRTHDAY, RecipientWorld, type TestTenant } from '../testing/recipient-world';

const PAGE = '/wallet-registration';

describe('the captcha of people who register', () => {
  let local: LocalRecaptcha;
  let world: RecipientWorld;
  let acme: TestTenant;

  beforeAll(async () => {
    local = await LocalRecaptcha.start();
    world = await RecipientWorld.start({ ...local.settings(), DISABLE_RECAPTCHA: 'false' });
    acme = await world.givenTenant();
  });
  afterAll(async () => {
    await world.close();
    await local.stop();
  });
  afterEach(() => {
    local.fault = 'none';
  });

  const api = (path: string, token: string, json: object) =>
    world.request(acme, `/sep24-interactive-deposit/${path}`, { token, json });

  it('stands before codes and before the registration', async () => {
    const person = await world.givenPerson(acme);
    const { token } = await world.atThePage(acme);
    const info = await world.request(acme, '/sep24-interactive-deposit/info', { token });
    expect(info.json).toMatchObject({
      is_recaptcha_disabled: false,
      recaptcha_site_key: 'site key of the local captcha',
      captcha_type: 'GOOGLE_RECAPTCHA_V2',
    });
    const contact = { phone_number: person.phoneNumber };
    const robot = { error: 'reCAPTCHA token invalid', error_code: '400_1' };
    for (const recaptcha_token of [undefined, '', 'made up']) {
      const asked = await api('otp', token, { ...contact, recaptcha_token });
      expect(asked).toMatchObject({ status: 400, json: robot });
    }
    expect(await world.codeFor(acme, person)).toBeNull();
    const sent = await api('otp', token, { ...contact, recaptcha_token: HUMAN_TOKEN });
    expect(sent.status).toBe(200);
    const form = {
      ...contact,
      otp: (await world.codeFor(acme, person)) ?? '',
      verification: BIRTHDAY,
      verification_field: 'DATE_OF_BIRTH',
    };
    expect(await api('verification', token, form)).toMatchObject({ status: 400, json: robot });
    const registered = await api('verification', token, { ...form, recaptcha_token: HUMAN_TOKEN });
    expect(registered).toMatchObject({ status: 200, json: { message: 'ok' } });
  });

  it('lets nobody on while it cannot be judged', async () => {
    local.fault = 'silent';
    const person = await world.givenPerson(acme);
    const { token } = await world.atThePage(acme);
    const body = { phone_number: person.phoneNumber, recaptcha_token: HUMAN_TOKEN };
    for (const path of ['otp', 'verification']) {
      expect(await api(path, token, body)).toMatchObject({
        status: 500,
        json: { error: 'Cannot validate reCAPTCHA token', error_code: '500_5' },
      });
    }
    expect(await world.codeFor(acme, person)).toBeNull();
  });

  it('is on the page too, which then runs the scripts of the captcha and no others', async () => {
    const person = await world.givenPerson(acme);
    const { token } = await world.atThePage(acme);
    const start = await world.request(null, `${PAGE}/start?token=${token}`);
    expect(start.text).toContain('data-sitekey="site key of the local captcha"');
    expect(start.text).toContain('src="https://www.google.com/recaptcha/api.js?hl=en"');
    const policy = start.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self' https://www.google.com/recaptcha/");
    expect(policy).toContain("default-src 'none'");
    const form = { token, contact: person.phoneNumber };
    const robot = await world.request(null, `${PAGE}/start?lang=en`, { form });
    expect(robot.status).toBe(400);
    expect(robot.text).toContain('show once more that you are no robot');
    expect(await world.codeFor(acme, person)).toBeNull();
    const solved = { 'g-recaptcha-response': HUMAN_TOKEN };
    const sent = await world.request(null, `${PAGE}/start?lang=en`, { form: { ...form, ...solved } });
    expect(sent.status).toBe(200);
    const register = {
      ...form,
      otp: (await world.codeFor(acme, person)) ?? '',
      verification: BIRTHDAY,
      verification_field: 'DATE_OF_BIRTH',
    };
    const refused = await world.request(null, `${PAGE}/register?lang=es`, { form: register });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('no es un robot');
    const done = await world.request(null, `${PAGE}/register?lang=en`, { form: { ...register, ...solved } });
    expect(done.status).toBe(200);
    expect(done.text).toContain('Your wallet is registered');
  });

  it('that an organisation asks for and that has no keys refuses everybody, and says why', async () => {
    const keyless = await RecipientWorld.start({ DISABLE_RECAPTCHA: 'true' });
    try {
      const tenant = await keyless.givenTenant();
      await keyless.superuser.query(
        'UPDATE tenants.organizations SET captcha_disabled = false WHERE tenant_id = $1',
        [tenant.id],
      );
      const person = await keyless.givenPerson(tenant);
      const { token } = await keyless.atThePage(tenant);
      for (const recaptcha_token of [undefined, 'made up']) {
        const json = { phone_number: person.phoneNumber, recaptcha_token };
        for (const path of ['otp', 'verification']) {
          const answer = await keyless.request(tenant, `/sep24-interactive-deposit/${path}`, { token, json });
          expect(answer).toMatchObject({
            status: 503,
            json: {
              error: 'This organization asks for a captcha, and none is set up on this server.',
              error_code: '500_5',
            },
          });
        }
      }
      const form = { token, contact: person.phoneNumber };
      const page = await keyless.request(null, `${PAGE}/start?lang=en`, { form });
      expect(page.text).toContain('Nobody can register here at the moment');
      expect(await keyless.codeFor(tenant, person)).toBeNull();
    } finally {
      await keyless.close();
    }
  });

  it('is switched off by the organisation, and the page is then without scripts', async () => {
    const other = await world.givenTenant();
    await world.superuser.query(
      'UPDATE tenants.organizations SET captcha_disabled = true WHERE tenant_id = $1',
      [other.id],
    );
    const person = await world.givenPerson(other);
    const { token } = await world.atThePage(other);
    const page = await world.request(null, `${PAGE}/start?token=${token}`);
    expect(page.text).not.toContain('<script');
    expect(page.headers.get('content-security-policy')).not.toContain('google');
    expect((await world.askForCode(other, token, person.phoneNumber)).status).toBe(200);
  });

  it('of version 3 shows nothing, and refuses a low score', async () => {
    const v3 = await RecipientWorld.start({
      ...local.settings('GOOGLE_RECAPTCHA_V3'),
      DISABLE_RECAPTCHA: 'false',
    });
    try {
      const tenant = await v3.givenTenant();
      const person = await v3.givenPerson(tenant);
      const { token } = await v3.atThePage(tenant);
      const page = await v3.request(null, `${PAGE}/start?token=${token}`);
      expect(page.text).toContain('api.js?render=site%20key%20of%20the%20local%20captcha');
      expect(page.text).toContain(`${PAGE}/captcha.js`);
      const script = await v3.request(null, `${PAGE}/captcha.js`);
      expect(script.headers.get('content-type')).toContain('text/javascript');
      expect(() => new vm.Script(script.text)).not.toThrow();
      const statusWith = async (recaptcha_token: string): Promise<number> => {
        const json = { phone_number: person.phoneNumber, recaptcha_token };
        return (await v3.request(tenant, '/sep24-interactive-deposit/otp', { token, json })).status;
      };
      expect(await statusWith(tokenWithScore(0.3))).toBe(400);
      expect(await statusWith(tokenWithScore(0.7))).toBe(200);
    } finally {
      await v3.close();
    }
  });
});
