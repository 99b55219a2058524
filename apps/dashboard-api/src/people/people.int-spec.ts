import type { Role } from '@libs/contracts';
import { UsersRepository } from '@libs/identity';
import { newId } from '@libs/kernel';

import { TEST_PASSWORD, TestServer, type TestTenant } from '../testing/test-server';

const NEW_PASSWORD = 'Another-horse-8';

interface Person {
  readonly id: string;
  readonly email: string;
  readonly token: string;
}

describe('the people of an organisation', () => {
  let server: TestServer;
  let acme: TestTenant;
  let owner: Person;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  beforeEach(async () => {
    acme = await server.tenant(`acme-${String.fromCharCode(97 + (made += 1))}`);
    owner = await person('owner');
  });
  afterAll(() => server.stop());
  let made = 0;

  async function person(role: Role): Promise<Person> {
    const user = await server.user(acme, role);
    return { ...user, token: await server.login(acme, user.email) };
  }
  const patch = (path: string, json: unknown, { token } = owner) =>
    server.call('PATCH', path, { token, json });
  const invite = (json: unknown) => server.call('POST', '/users', { token: owner.token, json });
  const login = (email: string, password: string) =>
    server.call('POST', '/login', { json: { email, password }, headers: { 'SDP-Tenant-Name': acme.name } });

  describe('are invited', () => {
    it('by mail, with one role and no password of which anybody knows', async () => {
      const reply = await invite({
        first_name: ' Grace ',
        last_name: 'Hopper',
        email: ' Grace@ACME.test ',
        roles: ['approver'],
      });
      expect(reply.status).toBe(201);
      expect(reply.body).toEqual({
        id: expect.any(String) as unknown,
        first_name: 'Grace',
        last_name: 'Hopper',
        email: 'grace@acme.test',
        is_active: true,
        roles: ['approver'],
      });
      expect(await server.newestLetter()).toContain(`http://${acme.name}.staff.test/forgot-password`);
      expect((await login('grace@acme.test', TEST_PASSWORD)).status).toBe(401);
      const again = await invite({
        first_name: 'G',
        last_name: 'H',
        email: 'grace@acme.test',
        roles: ['owner'],
      });
      expect(again.status).toBe(400);
      expect(again.body).toEqual({ error: 'a user with this email already exists' });
    });

    it('or everything that is wrong is named', async () => {
      expect((await invite({})).body).toEqual({
        error: 'Request invalid',
        extras: {
          first_name: 'first_name is required',
          last_name: 'last_name is required',
          email: 'email is required',
          roles: 'the number of roles required is exactly one',
        },
      });
      const wrong = await invite({
        first_name: 'x'.repeat(129),
        last_name: 'y',
        email: 'no address',
        roles: ['king'],
      });
      expect(wrong.body).toMatchObject({
        extras: {
          first_name: 'first_name cannot exceed 128 characters',
          email: 'invalid email provided',
          roles: 'unexpected value for roles[0]=king',
        },
      });
      const both = await invite({ roles: ['initiator', 'approver'] });
      expect(both.body).toMatchObject({
        extras: { roles: 'initiator and approver roles are mutually exclusive' },
      });
    });
  });

  describe('change roles', () => {
    it('from the next request on, with the token that they have', async () => {
      const { id, token } = await person('business');
      const users = async (): Promise<number> => (await server.call('GET', '/users', { token })).status;
      expect(await users()).toBe(403);
      const reply = await patch('/users/roles', { user_id: id, roles: ['owner'] });
      expect(reply.body).toEqual({ message: 'user roles were updated successfully' });
      expect(await users()).toBe(200);
      await patch('/users/roles', { user_id: id, roles: ['developer'] });
      expect(await users()).toBe(403);
    });

    it('but never so that nobody owns the organisation', async () => {
      // Who was invited and never came does not keep the organisation.
      await invite({
        first_name: 'Never',
        last_name: 'Came',
        email: 'never.came@acme.test',
        roles: ['owner'],
      });
      const reply = await patch('/users/roles', { user_id: owner.id, roles: ['business'] });
      expect(reply.status).toBe(400);
      expect(reply.body).toMatchObject({ extras: { roles: 'at least one active owner must remain' } });
      const other = await person('owner');
      const replies = await Promise.all([
        patch('/users/roles', { user_id: owner.id, roles: ['business'] }, other),
        patch('/users/roles', { user_id: other.id, roles: ['business'] }, owner),
      ]);
      const owners = await server.sql(
        `SELECT id FROM identity.users WHERE tenant_id = $1 AND 'owner' = ANY (roles) AND password_hash IS NOT NULL`,
        [acme.id],
      );
      expect(owners).toHaveLength(1);
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    });

    it('and two owners who change each other at once wait in turn, without a deadlock', async () => {
      const other = await person('owner');
      // So that somebody owns whoever of the two is left.
      await person('owner');
      let second: ReturnType<typeof patch> | undefined;
      const tried: string[] = [];
      const { setRoles } = UsersRepository.prototype;
      UsersRepository.prototype.setRoles = async function (...given) {
        tried.push(given[1]);
        if (tried.length === 1) {
          second = patch('/users/roles', { user_id: owner.id, roles: ['business'] }, other);
          await Promise.race([second, server.waitsForLock()]);
        }
        await setRoles.apply(this, given);
      };
      try {
        const first = await patch('/users/roles', { user_id: other.id, roles: ['business'] });
        // Whose role was just taken away takes nobody else's.
        expect([first.status, (await second)?.status]).toEqual([200, 403]);
      } finally {
        UsersRepository.prototype.setRoles = setRoles;
      }
      // Who is the victim of a deadlock tries again.
      expect(tried).toEqual([other.id]);
    });

    it('only for people of this organisation', async () => {
      const stranger = await server.user(await server.tenant(`${acme.name}-other`), 'owner');
      for (const id of [stranger.id, newId(), 'x']) {
        const reply = await patch('/users/roles', { user_id: id, roles: ['business'] });
        expect(reply.body).toEqual({
          error: 'Request invalid',
          extras: { user_id: 'user_id is invalid' },
        });
      }
      expect((await patch('/users/roles', {})).body).toMatchObject({
        extras: { user_id: 'user_id is required', roles: 'the number of roles required is exactly one' },
      });
    });
  });

  describe('are switched off and on', () => {
    it('at once: tokens, refresh tokens, API keys and sign-in stop', async () => {
      const user = await server.user(acme, 'developer');
      const { token, refreshToken } = await server.signIn(acme, user.email);
      const key = await server.apiKey(acme, { createdBy: user.id, permissions: ['read:all'] });
      const wallets = (credential: string) =>
        server.call('GET', '/wallets', {
          token: credential,
          headers: { 'SDP-Tenant-Name': acme.name },
        });
      expect([(await wallets(token)).status, (await wallets(key)).status]).toEqual([200, 200]);
      const off = await patch('/users/activation', { user_id: user.id, is_active: false });
      expect(off.body).toEqual({ message: 'user activation was updated successfully' });
      expect([(await wallets(token)).status, (await wallets(key)).status]).toEqual([401, 401]);
      const refreshed = await server.call('POST', '/refresh-token', {
        json: { refresh_token: refreshToken },
      });
      expect(refreshed.status).toBe(401);
      expect((await login(user.email, TEST_PASSWORD)).status).toBe(401);
      await patch('/users/activation', { user_id: user.id, is_active: true });
      expect((await wallets(token)).status).toBe(401);
      expect((await login(user.email, TEST_PASSWORD)).status).toBe(200);
    });

    it('but not by themselves', async () => {
      const own = await patch('/users/activation', { user_id: owner.id, is_active: false });
      expect(own.body).toMatchObject({ extras: { user_id: 'cannot update your own activation' } });
      expect((await patch('/users/activation', { user_id: owner.id })).body).toMatchObject({
        extras: { is_active: 'is_active is required' },
      });
    });
  });

  describe('change their profile', () => {
    it('and their old mailbox is told of a new address, and cannot choose a password any more', async () => {
      const { id, email, token } = await person('business');
      const links = (): Promise<unknown[]> =>
        server.sql('SELECT FROM identity.password_resets WHERE user_id = $1', [id]);
      const headers = { 'SDP-Tenant-Name': acme.name };
      const asked = await server.call('POST', '/forgot-password', { headers, json: { email } });
      expect(asked.status).toBe(200);
      while ((await links()).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      const reply = await patch(
        '/profile',
        { first_name: 'Ada', email: ' ADA@acme.test' },
        { ...owner, token },
      );
      expect(reply.body).toEqual({ message: 'user profile updated successfully' });
      const profile = await server.call('GET', '/profile', { token });
      expect(profile.body).toMatchObject({ first_name: 'Ada', last_name: 'Last', email: 'ada@acme.test' });
      expect(await server.newestLetter()).toContain('is now ada@acme.test');
      expect((await login(email, TEST_PASSWORD)).status).toBe(401);
      expect(await links()).toEqual([]);
    });

    it('not to nothing, to no address or to that of somebody else', async () => {
      expect((await patch('/profile', {})).body).toEqual({
        error: 'The request was invalid in some way.',
        extras: { details: 'provide at least first_name, last_name or email.' },
      });
      expect((await patch('/profile', { email: 'x' })).body).toMatchObject({
        extras: { email: 'invalid email provided' },
      });
      const { email } = await person('business');
      const taken = await patch('/profile', { email });
      expect(taken.status).toBe(400);
      expect(taken.body).toMatchObject({ extras: { email: 'a user with this email already exists' } });
    });
  });

  describe('change their password', () => {
    const change = (json: unknown, who: Person) => patch('/profile/reset-password', json, who);

    it('and every token ends', async () => {
      const ada = await person('business');
      const elsewhere = await server.login(acme, ada.email);
      const reply = await change({ current_password: TEST_PASSWORD, new_password: NEW_PASSWORD }, ada);
      expect(reply.body).toEqual({ message: 'user password updated successfully' });
      for (const token of [ada.token, elsewhere]) {
        expect((await server.call('GET', '/profile', { token })).status).toBe(401);
      }
      expect((await login(ada.email, TEST_PASSWORD)).status).toBe(401);
      expect((await login(ada.email, NEW_PASSWORD)).status).toBe(200);
    });

    it('or everything that is wrong is named', async () => {
      const ada = await person('business');
      expect((await change({}, ada)).body).toMatchObject({
        extras: {
          current_password: 'current_password is required',
          new_password: 'new_password is required',
        },
      });
      const same = await change({ current_password: TEST_PASSWORD, new_password: TEST_PASSWORD }, ada);
      expect(same.body).toMatchObject({
        extras: { new_password: 'new_password should be different from current_password' },
      });
      const common = await change({ current_password: TEST_PASSWORD, new_password: 'P@ssw0rd2026!' }, ada);
      expect(common.body).toMatchObject({
        extras: { 'common password': 'password is determined to be too common' },
      });
      const wrong = await change({ current_password: 'x', new_password: NEW_PASSWORD }, ada);
      expect(wrong.status).toBe(400);
      expect(wrong.body).toMatchObject({ extras: { current_password: 'current_password is incorrect' } });
    });

    it('with few guesses at the present one', async () => {
      const ada = await person('business');
      const guess = () => change({ current_password: 'x', new_password: NEW_PASSWORD }, ada);
      for (let guesses = 0; guesses < 5; guesses += 1) await guess();
      const refused = await guess();
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    });
  });

  it('appear in the audit log with what they were and what they are', async () => {
    const { id } = await person('business');
    await patch('/users/roles', { user_id: id, roles: ['approver'] });
    const reply = await server.call('GET', '/audit?action=PATCH%20/users/roles', { token: owner.token });
    expect(reply.body).toMatchObject({
      data: [
        { subject: { type: 'user', id }, before: { roles: ['business'] }, after: { roles: ['approver'] } },
      ],
    });
  });
});
