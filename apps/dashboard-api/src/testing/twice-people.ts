import { fieldOf, newId } from '@libs/kernel';

import type { DisbursementWorld } from './disbursement-world';
import { TEST_PASSWORD } from './test-server';
import { rowsOf, type Scene, sentSince, type Shot, shotsOf, type TwiceCases } from './twice-scene';

interface Somebody {
  readonly id: string;
  readonly email: string;
  readonly token: string;
}

async function somebody(world: DisbursementWorld): Promise<Somebody> {
  const user = await world.server.user(world.tenant, 'owner');
  return { ...user, token: await world.server.login(world.tenant, user.email) };
}

const sessionsOf = (world: DisbursementWorld, userId: string) =>
  rowsOf(
    world,
    'SELECT count(*)::int AS alive FROM identity.sessions WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL',
    userId,
  );
const ofUser = (world: DisbursementWorld, userId: string, columns: string) =>
  rowsOf(world, `SELECT ${columns} FROM identity.users WHERE tenant_id = $1 AND id = $2`, userId);

/** A colleague whom an owner changes. */
async function colleague(
  world: DisbursementWorld,
  path: string,
  bodies: readonly [object, object],
): Promise<Scene> {
  const { id } = await world.server.user(world.tenant, 'business');
  const shots = shotsOf(world, 'PATCH', path, await world.token());
  const [one, other] = bodies;
  return {
    one: shots({ user_id: id, ...one }),
    other: shots({ user_id: id, ...other }),
    state: ofUser(world, id, 'roles, is_active, is_owner'),
  };
}

/** Routes about people and what they sign in with. */
export const TWICE_PEOPLE: TwiceCases = {
  'POST /logout': {
    given: async (world) => {
      const { id, token } = await somebody(world);
      return { one: shotsOf(world, 'POST', '/logout', token)({}), state: sessionsOf(world, id) };
    },
  },
  'DELETE /sessions': {
    given: async (world) => {
      const { id, email, token } = await somebody(world);
      await world.server.login(world.tenant, email);
      return { one: shotsOf(world, 'DELETE', '/sessions', token)(), state: sessionsOf(world, id) };
    },
  },
  'DELETE /sessions/:id': {
    given: async (world) => {
      const { id, email, token } = await somebody(world);
      const other = await world.server.login(world.tenant, email);
      const sessions = (await world.server.call('GET', '/sessions', { token: other })).body as unknown[];
      const here = sessions.find((session) => fieldOf(session, 'is_current') === true);
      const path = `/sessions/${String(fieldOf(here, 'id'))}`;
      return { one: shotsOf(world, 'DELETE', path, token)(), state: sessionsOf(world, id) };
    },
  },
  'POST /api-keys': {
    each: 'a key is shown once: whoever lost the answer asks for another key, and revokes the first',
    given: async (world) => {
      const { id, token } = await somebody(world);
      const shots = shotsOf(world, 'POST', '/api-keys', token);
      return {
        one: shots({ name: 'books', permissions: ['read:all'] }),
        other: shots({ name: 'wallets', permissions: ['read:wallets'] }),
        state: rowsOf(
          world,
          'SELECT name, permissions FROM identity.api_keys WHERE tenant_id = $1 AND created_by = $2 ORDER BY name',
          id,
        ),
      };
    },
  },
  'PATCH /api-keys/:id': {
    given: async (world) => {
      const [{ token }, keyId] = await somebodyWithKey(world);
      const shots = shotsOf(world, 'PATCH', `/api-keys/${keyId}`, token);
      return {
        one: shots({ permissions: ['read:payments'] }),
        other: shots({ permissions: ['read:wallets'], allowed_ips: ['192.0.2.0/24'] }),
        state: rowsOf(
          world,
          'SELECT permissions, allowed_ips FROM identity.api_keys WHERE tenant_id = $1 AND id = $2',
          keyId,
        ),
      };
    },
  },
  'DELETE /api-keys/:id': {
    given: async (world) => {
      const [{ token }, keyId] = await somebodyWithKey(world);
      return {
        one: shotsOf(world, 'DELETE', `/api-keys/${keyId}`, token)(),
        state: rowsOf(
          world,
          'SELECT revoked_at IS NOT NULL AS gone FROM identity.api_keys WHERE tenant_id = $1 AND id = $2',
          keyId,
        ),
      };
    },
  },
  'POST /users': {
    given: async (world) => {
      const email = `new.${newId()}@acme.test`;
      const shots = shotsOf(world, 'POST', '/users', await world.token());
      const sent = sentSince(world);
      const rows = rowsOf(
        world,
        'SELECT first_name, roles FROM identity.users WHERE tenant_id = $1 AND email = $2',
        email,
      );
      const body = { first_name: 'New', last_name: 'Person', email, roles: ['business'] };
      return {
        one: shots(body),
        other: shots({ ...body, first_name: 'Other', roles: ['approver'] }),
        state: async () => ({ rows: await rows(), sent: await sent() }),
      };
    },
  },
  'PATCH /users/roles': {
    given: (world) => colleague(world, '/users/roles', [{ roles: ['initiator'] }, { roles: ['owner'] }]),
  },
  'PATCH /users/activation': {
    given: (world) => colleague(world, '/users/activation', [{ is_active: false }, { is_active: true }]),
  },
  'PATCH /profile': {
    given: async (world) => {
      const { id, token } = await somebody(world);
      const shots = shotsOf(world, 'PATCH', '/profile', token);
      return {
        one: shots({ first_name: 'Ada', last_name: 'Ada' }),
        other: shots({ first_name: 'Grace', last_name: 'Grace' }),
        state: ofUser(world, id, 'first_name, last_name'),
      };
    },
  },
  'PATCH /profile/reset-password': {
    given: async (world) => {
      const { id, email, token } = await somebody(world);
      const shots = shotsOf(world, 'PATCH', '/profile/reset-password', token);
      const [first, second] = ['Another-horse-8', 'Another-camel-9'];
      const sent = sentSince(world);
      const sessions = sessionsOf(world, id);
      return {
        one: shots({ current_password: TEST_PASSWORD, new_password: first }),
        other: shots({ current_password: TEST_PASSWORD, new_password: second }),
        state: async () => ({
          sessions: await sessions(),
          sent: await sent(),
          works: await passwordOf(world, email, [first, second]),
        }),
      };
    },
  },
  'POST /forgot-password': {
    given: async (world) => {
      const { email } = await world.server.user(world.tenant, 'business');
      const sent = sentSince(world);
      const one: Shot = async () => {
        const json = { email };
        const reply = await world.server.call('POST', '/forgot-password', { json, headers: named(world) });
        await settled(async () => (await sent()).letters);
        await quiet(world);
        return reply;
      };
      return { one, state: async () => (await sent()).letters };
    },
  },
  'POST /reset-password': {
    given: async (world) => {
      const { email } = await world.server.user(world.tenant, 'business');
      await world.server.call('POST', '/forgot-password', { json: { email }, headers: named(world) });
      const link = await settled(async () => /token=([\w-]+)/.exec(await letterTo(world, email))?.[1] ?? '');
      const [first, second] = ['Another-horse-8', 'Another-camel-9'];
      const choose = (password: string) => () =>
        world.server.call('POST', '/reset-password', {
          json: { password, reset_token: link },
          headers: named(world),
        });
      return {
        one: choose(first),
        other: choose(second),
        state: () => passwordOf(world, email, [first, second]),
      };
    },
  },
};

const named = (world: DisbursementWorld): Record<string, string> => ({
  'SDP-Tenant-Name': world.tenant.name,
});

async function somebodyWithKey(world: DisbursementWorld): Promise<[Somebody, string]> {
  const person = await somebody(world);
  const made = await world.server.call('POST', '/api-keys', {
    token: person.token,
    json: { name: 'books', permissions: ['read:all'] },
  });
  return [person, String(fieldOf(made.body, 'id'))];
}

/** Which of the passwords signs in; it changes nothing but the sessions. */
async function passwordOf(
  world: DisbursementWorld,
  email: string,
  passwords: readonly string[],
): Promise<string[]> {
  const works: string[] = [];
  for (const password of [TEST_PASSWORD, ...passwords]) {
    const reply = await world.server.call('POST', '/login', {
      json: { email, password },
      headers: named(world),
    });
    if (reply.status === 200) works.push(password);
  }
  return works;
}

/** The newest letter once a new password was asked for at this address; empty before. */
async function letterTo(world: DisbursementWorld, email: string): Promise<string> {
  const asked = await world.server.sql(
    'SELECT FROM identity.password_resets r JOIN identity.users u ON u.id = r.user_id WHERE u.email = $1',
    [email],
  );
  // Only then: a letter that is read before may be the one of somebody else.
  return asked.length > 0 ? await world.server.newestLetter() : '';
}

/** When nothing is under way in the database any more: what comes after an answer has come. */
async function quiet(world: DisbursementWorld): Promise<void> {
  await settled(async () => {
    const busy = await world.server.sql(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()`,
    );
    return busy.length === 0 ? 'quiet' : '';
  });
}

/** What is written after the answer, once it is there. */
async function settled<T>(read: () => Promise<T>): Promise<T> {
  for (const end = performance.now() + 30_000; performance.now() < end;) {
    const value = await read();
    if (value !== 0 && value !== '') return value;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('nothing was written');
}
