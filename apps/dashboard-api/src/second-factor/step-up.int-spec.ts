import { generateSync } from 'otplib';

import { STAFF_ROUTES } from '../access/route-access';
import { DisbursementWorld } from '../testing/disbursement-world';
import { letWalletTakeTheAsset, person as somebody } from '../testing/people';
import { signInsOn } from '../testing/sign-ins';
import { TEST_PASSWORD, type Reply, TestServer, type TestTenant } from '../testing/test-server';

describe('a fresh second factor', () => {
  let server: TestServer;
  let acme: TestTenant;

  beforeAll(async () => {
    server = await TestServer.start({ DISABLE_MFA: 'false' });
    acme = await server.tenant('acme');
  });
  afterAll(() => server.stop());

  const fieldOf = (reply: Reply, name: string): unknown => Reflect.get(reply.body as object, name) as unknown;
  const { login, mfa, codeInTheMail } = signInsOn(() => server);

  /** Signed in by a code in the mail, some time ago. */
  async function person(minutesAgo: number): Promise<{ id: string; email: string; token: string }> {
    const user = await server.user(acme, 'owner');
    await login(user.email, 'laptop');
    const reply = await mfa({ mfa_code: await codeInTheMail() }, 'laptop');
    await server.sql(
      `UPDATE identity.sessions SET proven_at = now() - make_interval(mins => $2::int) WHERE user_id = $1`,
      [user.id, minutesAgo],
    );
    return { ...user, token: String(fieldOf(reply, 'token')) };
  }
  const newKey = (token: string) =>
    server.call('POST', '/api-keys', { token, json: { name: 'books', permissions: ['read:all'] } });

  it('is asked for on every route that the table names, after fifteen minutes', async () => {
    const { token } = await person(16);
    const routes = STAFF_ROUTES.filter((route) => route.stepUp === true);
    expect(routes.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/api-keys', '/users/roles', '/users/activation', '/profile/totp']),
    );
    for (const { method, path } of routes) {
      const reply = await server.call(method, path.replace(':id', acme.id), { token, json: {} });
      expect({ path, status: reply.status, body: reply.body }).toEqual({
        path,
        status: 403,
        body: {
          error: 'This needs a fresh second factor: show it with POST /step-up, then try again.',
          error_code: 'step_up_required',
        },
      });
    }
    expect((await server.call('GET', '/users', { token })).status).toBe(200);
  });

  it('is asked for before the mailbox is another one, but not for a name', async () => {
    const { token } = await person(16);
    const change = (json: object): Promise<Reply> => server.call('PATCH', '/profile', { token, json });
    const refused = await change({ email: 'thief@evil.test' });
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ error_code: 'step_up_required' });
    expect((await change({ first_name: 'Other' })).status).toBe(200);
    const fresh = await person(14);
    const own = { token: fresh.token, json: { email: `new.${fresh.email}` } };
    expect((await server.call('PATCH', '/profile', own)).status).toBe(200);
  });

  it('is not asked for while the one of the sign-in is fresh', async () => {
    const { token } = await person(14);
    expect((await newKey(token)).status).toBe(201);
  });

  it('is shown by a code in the mail, for this session alone', async () => {
    const { token } = await person(16);
    const options = await server.call('POST', '/step-up/options', { token });
    expect(options.body).toEqual({ second_factors: ['email_code'], email_code_sent: true });
    const code = await codeInTheMail();
    const stranger = await person(16);
    const json = { code };
    expect((await server.call('POST', '/step-up', { token: stranger.token, json })).status).toBe(400);
    expect((await server.call('POST', '/step-up', { token, json })).status).toBe(204);
    expect((await newKey(token)).status).toBe(201);
    expect((await newKey(stranger.token)).status).toBe(403);
    expect((await server.call('POST', '/step-up', { token, json })).status).toBe(400);
  });

  it('signs nobody in: what waits for it in a session is waited for by no sign-in without a password', async () => {
    const { token } = await person(16);
    const [, claims = ''] = token.split('.');
    const { sid } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { readonly sid: string };
    await server.call('POST', '/step-up/options', { token });
    const code = await codeInTheMail();
    for (const device of [sid, `step-up of ${sid}`]) {
      const headers = { 'SDP-Tenant-Name': 'acme', 'Device-ID': device };
      expect((await server.call('POST', '/mfa', { json: { mfa_code: code }, headers })).status).toBe(401);
    }
    expect((await server.call('POST', '/step-up', { token, json: { code } })).status).toBe(204);
  });

  it('is good for nothing but setting up a better one by a code in the mail where that is forbidden', async () => {
    const wary = await server.tenant('wary');
    const { email } = await server.user(wary, 'owner');
    const headers = { 'SDP-Tenant-Name': 'wary', 'Device-ID': 'laptop' };
    await server.call('POST', '/login', { json: { email, password: TEST_PASSWORD }, headers });
    const signedIn = await server.call('POST', '/mfa', {
      json: { mfa_code: await codeInTheMail() },
      headers,
    });
    const token = String(fieldOf(signedIn, 'token'));
    // The session was opened when such a code was good enough.
    await server.sql('UPDATE tenants.organizations SET email_codes_forbidden = true WHERE tenant_id = $1', [
      wary.id,
    ]);
    await server.sql('UPDATE identity.sessions SET proven_at = NULL WHERE tenant_id = $1', [wary.id]);
    await server.call('POST', '/step-up/options', { token });
    const json = { code: await codeInTheMail() };
    expect((await server.call('POST', '/step-up', { token, json })).status).toBe(204);
    expect(await newKey(token)).toMatchObject({
      status: 403,
      body: { error_code: 'second_factor_enrolment_required' },
    });
    expect((await server.call('POST', '/profile/totp', { token })).status).toBe(201);
  });

  it('is shown by the app of the person, in five tries', async () => {
    const { id, token } = await person(0);
    const begun = await server.call('POST', '/profile/totp', { token });
    const secret = String(fieldOf(begun, 'secret'));
    const code = (minutes: number): string =>
      generateSync({
        secret,
        epoch: Math.floor(server.platform.clock.now().getTime() / 1000) + minutes * 60,
      });
    await server.call('POST', '/profile/totp/confirm', { token, json: { code: code(0) } });
    await server.sql(
      `UPDATE identity.sessions SET proven_at = now() - interval '1 hour' WHERE user_id = $1`,
      [id],
    );
    const options = await server.call('POST', '/step-up/options', { token });
    expect(options.body).toMatchObject({ email_code_sent: false });
    const { clock } = server.platform;
    jest.spyOn(clock, 'now').mockReturnValue(new Date(clock.now().getTime() + 60_000));
    try {
      for (let tries = 0; tries < 5; tries += 1) {
        await server.call('POST', '/step-up', { token, json: { code: '000000' } });
      }
      // Guessing here makes the person wait, as guessing passwords does.
      await server.sql(`UPDATE identity.login_failures SET blocked_until = now() + interval '1 minute'`);
      const log = () =>
        server.sql(`SELECT action, after FROM identity.audit_log WHERE actor_id = $1 ORDER BY seq`, [id]);
      const told = await log();
      expect((await server.call('POST', '/step-up/options', { token })).status).toBe(429);
      const early = await server.call('POST', '/step-up', { token, json: { code: code(0) } });
      expect([early.status, Number(early.headers.get('retry-after')) > 0]).toEqual([429, true]);
      expect(await log()).toEqual(told);
      await server.sql('DELETE FROM identity.login_failures');
      expect((await server.call('POST', '/step-up', { token, json: { code: code(0) } })).status).toBe(400);
      expect((await newKey(token)).status).toBe(403);
      await server.sql('DELETE FROM identity.login_failures');
      await server.call('POST', '/step-up/options', { token });
      expect((await server.call('POST', '/step-up', { token, json: { code: code(0) } })).status).toBe(204);
      expect((await newKey(token)).status).toBe(201);
    } finally {
      jest.restoreAllMocks();
    }
  });

  it('is asked for to change what protects the organisation, and for nothing else of it', async () => {
    const { token } = await person(16);
    const change = (data: object) => {
      const body = new FormData();
      body.set('data', JSON.stringify(data));
      return server.call('PATCH', '/organization', { token, body });
    };
    expect((await change({ timezone_utc_offset: '+01:00' })).status).toBe(200);
    for (const data of [{ mfa_disabled: true }, { email_codes_forbidden: true }, { step_up_amount: '' }]) {
      expect((await change(data)).body).toMatchObject({ error_code: 'step_up_required' });
    }
  });

  it('is asked for to start more than the organisation has set', async () => {
    const world = await DisbursementWorld.make(server, 'starters');
    await server.sql(
      'UPDATE tenants.organizations SET mfa_disabled = true, step_up_amount = 200000000 WHERE tenant_id = $1',
      [world.tenant.id],
    );
    server.ledger.fund(world.account, 1_000_0000000n);
    const [small, large] = [await world.ready(2), await world.ready(3)];
    await server.sql('UPDATE tenants.organizations SET mfa_disabled = false WHERE tenant_id = $1', [
      world.tenant.id,
    ]);
    expect((await world.setStatus(small, 'STARTED')).status).toBe(200);
    const refused = await world.setStatus(large, 'STARTED');
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ error_code: 'step_up_required' });
    await server.sql('UPDATE identity.sessions SET proven_at = now() WHERE tenant_id = $1', [
      world.tenant.id,
    ]);
    expect((await world.setStatus(large, 'STARTED')).status).toBe(200);
  });

  it('is asked for to pay more than that directly', async () => {
    const world = await DisbursementWorld.make(server, 'payers');
    await letWalletTakeTheAsset(world);
    const to = await somebody(world);
    server.ledger.fund(world.account, 1_000_0000000n);
    await server.sql(
      'UPDATE tenants.organizations SET mfa_disabled = true, step_up_amount = 200000000 WHERE tenant_id = $1',
      [world.tenant.id],
    );
    await world.token();
    await server.sql('UPDATE tenants.organizations SET mfa_disabled = false WHERE tenant_id = $1', [
      world.tenant.id,
    ]);
    const pay = (amount: string): Promise<Reply> =>
      world.call('POST', '/payments', {
        amount,
        asset: { id: world.assetId },
        receiver: { id: to.id },
        wallet: { id: world.walletId },
      });
    expect((await pay('20')).status).toBe(201);
    const refused = await pay('20.0000001');
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ error_code: 'step_up_required' });
  });

  it('cannot be shown by a program', async () => {
    const { id } = await person(0);
    const key = await server.apiKey(acme, { createdBy: id, permissions: ['write:all'] });
    const reply = await server.call('POST', '/api-keys', {
      token: key,
      headers: { 'SDP-Tenant-Name': 'acme' },
      json: { name: 'child', permissions: ['write:all'] },
    });
    expect(reply.status).toBe(403);
    expect(reply.body).toEqual({
      error: 'This needs a person with a fresh second factor.',
      error_code: 'step_up_required',
    });
  });

  it('is not asked for where it is switched off', async () => {
    const relaxed = await TestServer.start({ DISABLE_MFA: 'false', STEP_UP_MINUTES: '0' });
    try {
      const tenant = await relaxed.tenant('acme');
      const { id } = await relaxed.user(tenant, 'owner');
      const key = await relaxed.apiKey(tenant, { createdBy: id, permissions: ['write:all'] });
      const reply = await relaxed.call('POST', '/api-keys', {
        token: key,
        headers: { 'SDP-Tenant-Name': 'acme' },
        json: { name: 'child', permissions: ['write:all'] },
      });
      expect(reply.status).toBe(201);
    } finally {
      await relaxed.stop();
    }
  });
});
