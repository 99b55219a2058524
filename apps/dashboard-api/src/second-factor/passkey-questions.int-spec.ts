import { fieldOf } from '@libs/kernel';
import { SoftAuthenticator } from '../testing/soft-authenticator';
import { signInsOn } from '../testing/sign-ins';
import { TestServer, type TestTenant } from '../testing/test-server';

const SITE = 'http://acme.staff.test';

describe('the question that a passkey answers', () => {
  let server: TestServer;
  let acme: TestTenant;

  beforeAll(async () => {
    server = await TestServer.start({ DISABLE_MFA: 'false' });
    acme = await server.tenant('acme');
  });
  afterAll(() => server.stop());
  beforeEach(() => server.sql('DELETE FROM identity.login_failures'));

  const { headers, login, mfa, codeInTheMail } = signInsOn(() => server);
  const question = async (device: string): Promise<unknown> =>
    (await server.call('POST', '/mfa/passkey-options', { headers: headers(device) })).body;
  const questionOfStepUp = async (token: string): Promise<unknown> =>
    fieldOf((await server.call('POST', '/step-up/options', { token })).body, 'passkey_options');
  const stepUp = async (token: string, passkey: object): Promise<number> =>
    (await server.call('POST', '/step-up', { token, json: { passkey } })).status;
  const signIn = async (passkey: object, device: string): Promise<number> =>
    (await mfa({ passkey }, device)).status;

  async function personWithKey() {
    const user = await server.user(acme, 'owner');
    const device = `desk of ${user.id}`;
    await login(user.email, device);
    const token = String(fieldOf((await mfa({ mfa_code: await codeInTheMail() }, device)).body, 'token'));
    const key = new SoftAuthenticator(SITE);
    const options = await server.call('POST', '/profile/passkeys/options', { token });
    const json = { name: 'blue key', response: key.register(options.body) };
    expect((await server.call('POST', '/profile/passkeys', { token, json })).status).toBe(201);
    return { ...user, token, key };
  }

  it('is taken from nobody by who begins other sign-ins with the same password', async () => {
    const { email, key } = await personWithKey();
    await login(email, 'laptop');
    const asked = await question('laptop');
    for (const device of ['stranger', 'other stranger', 'stranger']) {
      await login(email, device);
      await question(device);
    }
    expect(await signIn(key.prove(asked), 'laptop')).toBe(200);
  });

  it('is one for each of two devices on which its person signs in at the same time', async () => {
    const { email, key } = await personWithKey();
    for (const device of ['laptop', 'phone']) await login(email, device);
    const [atLaptop, onPhone] = [await question('laptop'), await question('phone')];
    expect(await signIn(key.prove(onPhone), 'phone')).toBe(200);
    expect(await signIn(key.prove(atLaptop), 'laptop')).toBe(200);
  });

  it('is answered on its own device alone', async () => {
    const { email, key } = await personWithKey();
    for (const device of ['laptop', 'phone']) await login(email, device);
    const [atLaptop] = [await question('laptop'), await question('phone')];
    expect(await signIn(key.prove(atLaptop), 'phone')).toBe(401);
    await login(email, 'tablet');
    expect(await signIn(key.prove(atLaptop), 'tablet')).toBe(401);
    expect(await signIn(key.prove(atLaptop), 'laptop')).toBe(200);
  });

  it('is never one of a sign-in for a step-up, nor one of a step-up for a sign-in or another session', async () => {
    const { email, token, key } = await personWithKey();
    await login(email, 'phone');
    const other = String(
      fieldOf((await mfa({ passkey: key.prove(await question('phone')) }, 'phone')).body, 'token'),
    );
    await login(email, 'laptop');
    const [atSignIn, here, there] = [
      await question('laptop'),
      await questionOfStepUp(token),
      await questionOfStepUp(other),
    ];
    expect(await stepUp(token, key.prove(atSignIn))).toBe(400);
    expect(await signIn(key.prove(here), 'laptop')).toBe(401);
    expect(await stepUp(other, key.prove(here))).toBe(400);
    expect(await stepUp(token, key.prove(there))).toBe(400);
    expect(await stepUp(token, key.prove(await questionOfStepUp(token)))).toBe(204);
  });

  it('is answered once, also wrongly, and ends with the sign-in that waited', async () => {
    const { email, key } = await personWithKey();
    const stranger = new SoftAuthenticator(SITE);
    await login(email, 'laptop');
    const tried = await question('laptop');
    expect(await signIn(stranger.prove(tried), 'laptop')).toBe(401);
    expect(await signIn(key.prove(tried), 'laptop')).toBe(401);
    const old = await question('laptop');
    await login(email, 'laptop');
    expect(await signIn(key.prove(old), 'laptop')).toBe(401);
    const late = await question('laptop');
    await server.sql(`UPDATE identity.mfa_codes SET expires_at = now() - interval '1 second'`);
    expect(await signIn(key.prove(late), 'laptop')).toBe(401);
  });

  it('is the same for two people who wait on one device, each of whom may answer it', async () => {
    const [one, two] = [await personWithKey(), await personWithKey()];
    for (const { email, key } of [one, two]) {
      for (const waiting of [one, two]) await login(waiting.email, 'shared');
      const reply = await mfa({ passkey: key.prove(await question('shared')) }, 'shared');
      const token = String(fieldOf(reply.body, 'token'));
      expect((await server.call('GET', '/profile', { token })).body).toMatchObject({ email });
    }
  });
});
