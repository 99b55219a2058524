import { RefreshTokensRepository } from '@libs/identity';
import { fieldOf } from '@libs/kernel';
import { Client } from 'pg';

import { addUser } from '../cli/add-user';
import { StaffMail } from '../provisioning/staff-mail.service';
import { overtake } from '../testing/overtake';
import { TEST_PASSWORD, TestServer, type TestTenant } from '../testing/test-server';

const NEW_PASSWORD = 'Another-horse-8';

interface Person {
  readonly id: string;
  readonly email: string;
}

describe('a sign-in that is just ending its second step', () => {
  let server: TestServer;
  let acme: TestTenant;

  beforeAll(async () => {
    server = await TestServer.start({ DISABLE_MFA: 'false', STEP_UP_MINUTES: '0' });
    acme = await server.tenant('acme');
  });
  afterAll(() => server.stop());

  const headers = (device: string) => ({ 'SDP-Tenant-Name': 'acme', 'Device-ID': device });
  const login = (email: string, device: string, password = TEST_PASSWORD) =>
    server.call('POST', '/login', { json: { email, password }, headers: headers(device) });
  const codeInTheMail = async (): Promise<string> =>
    /is (\d{6})\./.exec(await server.newestLetter())?.[1] ?? '';
  const mfa = async (code: string, device: string, remember_me = false) =>
    await server.call('POST', '/mfa', { json: { mfa_code: code, remember_me }, headers: headers(device) });
  const tokenFor = async (email: string, device: string): Promise<string> => {
    await login(email, device);
    return String(fieldOf((await mfa(await codeInTheMail(), device)).body, 'token'));
  };
  const switchTo = async (isActive: boolean, userId: string): Promise<number> => {
    const owner = await server.user(acme, 'owner');
    const token = await tokenFor(owner.email, 'of the owner');
    const json = { user_id: userId, is_active: isActive };
    return (await server.call('PATCH', '/users/activation', { token, json })).status;
  };
  async function linkFor(email: string): Promise<string> {
    await server.call('POST', '/forgot-password', { json: { email }, headers: headers('desk') });
    for (;;) {
      const link = /reset-password\?token=([\w-]+)/.exec(await server.newestLetter())?.[1];
      if (link !== undefined) return link;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Prepared beforehand is whatever takes a sign-in or a letter of its own. */
  const ends: Readonly<Record<string, (person: Person) => Promise<() => Promise<unknown>>>> = {
    'the password is changed': async ({ email }) => {
      const token = await tokenFor(email, 'desk');
      const json = { current_password: TEST_PASSWORD, new_password: NEW_PASSWORD };
      return async () => {
        const changed = await server.call('PATCH', '/profile/reset-password', {
          token,
          json,
          headers: headers('desk'),
        });
        expect(changed.status).toBe(200);
      };
    },
    'the password is reset': async ({ email }) => {
      const json = { password: NEW_PASSWORD, reset_token: await linkFor(email) };
      return async () => {
        const reset = await server.call('POST', '/reset-password', { json, headers: headers('desk') });
        expect(reset.status).toBe(200);
      };
    },
    'the password is given anew on the command line': ({ email }) =>
      Promise.resolve(async () => {
        const names = { email, firstName: 'First', lastName: 'Last' };
        const order = { ...names, roles: ['owner' as const], isOwner: true, password: NEW_PASSWORD };
        const { unitOfWork } = server.platform;
        const mail = server.app.get(StaffMail, { strict: false });
        await addUser({ unitOfWork, mail }, { ...order, tenantId: acme.id });
      }),
    'the person signs out everywhere else': async ({ email }) => {
      const token = await tokenFor(email, 'desk');
      return async () => {
        expect((await server.call('DELETE', '/sessions', { token })).status).toBe(204);
        expect((await server.call('GET', '/profile', { token })).status).toBe(200);
      };
    },
    'the person is switched off': async ({ id }) => {
      const owner = await server.user(acme, 'owner');
      const token = await tokenFor(owner.email, 'of the owner');
      const json = { user_id: id, is_active: false };
      return async () => {
        expect((await server.call('PATCH', '/users/activation', { token, json })).status).toBe(200);
      };
    },
  };

  it.each(Object.keys(ends))('opens nothing that lives on when %s', async (what) => {
    const person = await server.user(acme, 'owner');
    const end = await ends[what]?.(person);
    await login(person.email, 'stranger');
    const code = await codeInTheMail();
    const ended: Promise<unknown>[] = [];
    // The session is written and not committed yet.
    overtake(RefreshTokensRepository.prototype, 'issue', async () => {
      ended.push(end?.() ?? Promise.resolve());
      await Promise.race([server.waitsForLock(), ...ended]);
    });
    const opened = await mfa(code, 'stranger');
    expect(opened.status).toBe(200);
    await Promise.all(ended);
    expect(ended).toHaveLength(1);
    if (what === 'the person is switched off') expect(await switchTo(true, person.id)).toBe(200);
    const token = String(fieldOf(opened.body, 'token'));
    expect((await server.call('GET', '/profile', { token })).status).toBe(401);
  });

  const SWITCHED_OFF = 'the person is switched off';
  const ofTheirOwn = Object.keys(ends).filter((what) => what !== 'the person signs out everywhere else');

  it.each(ofTheirOwn)('is asked for its second step on every device when %s', async (what) => {
    const person = await server.user(acme, 'business');
    const end = await ends[what]?.(person);
    for (const device of ['desk', 'tablet']) {
      await login(person.email, device);
      await mfa(await codeInTheMail(), device, true);
      expect((await login(person.email, device)).body).toHaveProperty('token');
    }
    await end?.();
    if (what === SWITCHED_OFF) expect(await switchTo(true, person.id)).toBe(200);
    const password = what === SWITCHED_OFF ? TEST_PASSWORD : NEW_PASSWORD;
    for (const device of ['desk', 'tablet']) {
      const asked = await login(person.email, device, password);
      expect([asked.status, asked.body]).toEqual([200, { message: expect.any(String) as unknown }]);
    }
  });

  it.each(ofTheirOwn)(
    'is no longer made possible by an older link to a new password when %s',
    async (what) => {
      const person = await server.user(acme, 'business');
      const end = await ends[what]?.(person);
      const isReset = what === 'the password is reset';
      const json = { password: 'Third-horse-9', reset_token: isReset ? '' : await linkFor(person.email) };
      await end?.();
      if (isReset) {
        const rows = await server.sql('SELECT FROM identity.password_resets WHERE user_id = $1', [person.id]);
        expect(rows).toEqual([]);
        return;
      }
      if (what === SWITCHED_OFF) expect(await switchTo(true, person.id)).toBe(200);
      const late = await server.call('POST', '/reset-password', { json, headers: headers('desk') });
      expect([late.status, late.body]).toEqual([400, { error: 'Invalid reset password token.' }]);
    },
  );

  it('is over when its person signs out everywhere else', async () => {
    const { email } = await server.user(acme, 'business');
    const token = await tokenFor(email, 'desk');
    await login(email, 'stranger');
    const code = await codeInTheMail();
    expect((await server.call('DELETE', '/sessions', { token })).status).toBe(204);
    expect((await mfa(code, 'stranger')).status).toBe(401);
  });

  it('is waited for by a change of the password that keeps no session locked meanwhile', async () => {
    const { id, email } = await server.user(acme, 'business');
    const token = await tokenFor(email, 'desk');
    await login(email, 'stranger');
    const other = new Client({ connectionString: server.database.superuserUrl });
    await other.connect();
    try {
      // As a second factor that is just being shown: what waits for it first, the session last.
      await other.query('BEGIN');
      await other.query('SELECT FROM identity.mfa_codes WHERE user_id = $1 AND is_waiting FOR UPDATE', [id]);
      const json = { current_password: TEST_PASSWORD, new_password: NEW_PASSWORD };
      const change = server.call('PATCH', '/profile/reset-password', {
        token,
        json,
        headers: headers('desk'),
      });
      await server.waitsForLock();
      const { rowCount } = await other.query(
        'SELECT FROM identity.sessions WHERE user_id = $1 FOR UPDATE NOWAIT',
        [id],
      );
      expect(rowCount).toBe(1);
      await other.query('COMMIT');
      expect((await change).status).toBe(200);
    } finally {
      await other.end();
    }
  });

  it('is over when its person is switched off, also when they are switched on again', async () => {
    const { id, email } = await server.user(acme, 'business');
    await login(email, 'stranger');
    const code = await codeInTheMail();
    expect(await switchTo(false, id)).toBe(200);
    expect(await switchTo(true, id)).toBe(200);
    expect((await mfa(code, 'stranger')).status).toBe(401);
  });
});
