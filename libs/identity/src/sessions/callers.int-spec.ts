import { hash } from 'node:crypto';

import type { RateLimitOrder } from '@libs/http';
import { newId } from '@libs/kernel';
import { Database, UnitOfWork } from '@libs/persistence';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { Client } from 'pg';

import { SessionsRepository } from '../sessions.repository';
import type { StaffTokenSubject } from '../staff-tokens';
import { UsersRepository } from '../users.repository';
import { CallersRepository } from './callers.repository';

/** Windows are counted from 1970 on: the first one of this length ends in 2033, so none ends during the test. */
const WINDOW_SECONDS = 2_000_000_000;

describe('who calls', () => {
  let test: TestDatabase;
  let replicas: Database[];
  let owner: Client;

  beforeAll(async () => {
    test = await testDatabase();
    const options = { url: test.url('dashboardApi'), applicationName: 'test', connectionsMax: 8 };
    replicas = [new Database(options), new Database(options)];
    owner = new Client({ connectionString: test.superuserUrl });
    await owner.connect();
  });
  afterAll(async () => {
    for (const database of replicas) await database.close();
    await owner.end();
    await test.drop();
  });

  const callersOf = (replica = 0): CallersRepository => {
    const database = replicas[replica];
    if (database === undefined) throw new Error('there are two');
    return new CallersRepository(database);
  };
  const orderOf = (subject: string = newId(), requestsMax = 40): RateLimitOrder => ({
    key: `\\x${hash('sha256', subject, 'hex')}`,
    rule: { requestsMax, windowSeconds: WINDOW_SECONDS },
  });

  /** Somebody of an organisation of their own, signed in. */
  async function person(): Promise<StaffTokenSubject & { readonly email: string }> {
    const [tenantId, email] = [newId(), `${newId()}@people.test`];
    const name = `org-${tenantId.replace(/[0-9-]/g, '')}-${Math.random()
      .toString(36)
      .replace(/[^a-z]/g, '')}`;
    await owner.query(
      `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, status, distribution_account_type)
       VALUES ($1, $2, 'http://pay.example', 'http://staff.example', 'PROVISIONED', 'DISTRIBUTION_ACCOUNT.STELLAR.ENV')`,
      [tenantId, name],
    );
    const [database] = replicas;
    if (database === undefined) throw new Error('there are two');
    const context = { tenantId, actor: 'system:test', trace: '' };
    return await new UnitOfWork(database).run(context, async (tx) => {
      const userId = await new UsersRepository().add(tx, {
        ...{ email, firstName: 'Ada', lastName: 'Lovelace' },
        ...{ roles: ['owner'], isOwner: true, passwordHash: null },
      });
      if (userId === null) throw new Error('the address is taken');
      const origin = { address: '10.0.0.1', userAgent: 'test', isProven: true, mustEnrol: false };
      const sessionId = await new SessionsRepository().start(tx, userId, origin);
      return { tenantId, userId, sessionId, email, expiresAtSeconds: 0 };
    });
  }

  it('is told to each of many who ask at the same time, whatever organisation they belong to', async () => {
    const people = [];
    for (let index = 0; index < 12; index += 1) people.push(await person());
    const callers = callersOf();
    const answers = await Promise.all(people.map((one) => callers.countedOfSession(one, [], orderOf())));
    for (const [index, one] of people.entries()) {
      const { taken, found } = answers[index] ?? {};
      expect(taken?.remaining).toBe(39);
      expect([found?.user.id, found?.user.email, found?.tenant.id]).toEqual([
        ...[one.userId, one.email, one.tenantId],
      ]);
      expect([found?.tenant.createdAt, found?.provenAt].every((time) => time instanceof Date)).toBe(true);
    }
  });

  it('is nobody for a session that ended, a person switched off, or the user or tenant of somebody else', async () => {
    const [ended, off, right, other] = [await person(), await person(), await person(), await person()];
    await owner.query('UPDATE identity.sessions SET ended_at = now() WHERE id = $1', [ended.sessionId]);
    await owner.query('UPDATE identity.users SET is_active = false WHERE id = $1', [off.userId]);
    const callers = callersOf();
    const wrong = [
      ended,
      off,
      { ...right, userId: other.userId },
      { ...right, tenantId: other.tenantId },
      { ...right, sessionId: newId() },
    ];
    const ask = (subject: StaffTokenSubject): Promise<{ readonly found: unknown }> =>
      callers.countedOfSession(subject, [], orderOf());
    const answers = await Promise.all([...wrong, right].map(ask));
    expect(answers.map(({ found }) => found !== null)).toEqual([...wrong.map(() => false), true]);
    for (const subject of wrong) expect(await callers.ofSession(subject, [])).toBeNull();
    expect((await callers.ofSession(right, []))?.user.id).toBe(right.userId);
  });

  it('counts each request, and looks for nobody where it was one too many', async () => {
    const one = await person();
    const [busy, idle] = [newId(), newId()];
    const callers = callersOf();
    const keys = [...Array.from({ length: 7 }, () => busy), idle];
    const answers = await Promise.all(keys.map((key) => callers.countedOfSession(one, [], orderOf(key, 5))));
    const of = (key: string): typeof answers => answers.filter((_, index) => keys[index] === key);
    const remaining = of(busy).map(({ taken }) => taken.remaining);
    expect(remaining.toSorted((a, b) => b - a)).toEqual([4, 3, 2, 1, 0, -1, -1]);
    expect(of(busy).map(({ found }) => found !== null)).toEqual(remaining.map((left) => left >= 0));
    expect(of(idle).map(({ taken, found }) => [taken.remaining, found !== null])).toEqual([[4, true]]);
  });

  it('tells which of the names of a request are names of tenants', async () => {
    const [one, other] = [await person(), await person()];
    const { rows } = await owner.query<{ name: string }>('SELECT name FROM tenants.tenants WHERE id = $1', [
      other.tenantId,
    ]);
    const name = rows[0]?.name ?? '';
    const callers = callersOf();
    const [named, not] = await Promise.all([
      callers.countedOfSession(one, [name, 'nobody'], orderOf()),
      callers.countedOfSession(one, [], orderOf()),
    ]);
    expect([named.found?.knownNames, not.found?.knownNames]).toEqual([[name], []]);
  });

  it('notes once a minute that a session was seen, and does not wait for who changes the session', async () => {
    const one = await person();
    const isOld = `last_seen_at < now() - interval '30 seconds'`;
    const old = async (): Promise<unknown> =>
      (await owner.query(`SELECT ${isOld} AS old FROM identity.sessions WHERE id = $1`, [one.sessionId]))
        .rows[0];
    await owner.query(
      `UPDATE identity.sessions SET last_seen_at = now() - interval '2 minutes' WHERE id = $1`,
      [one.sessionId],
    );
    const busy = new Client({ connectionString: test.superuserUrl });
    await busy.connect();
    await busy.query('BEGIN');
    await busy.query('SELECT 1 FROM identity.sessions WHERE id = $1 FOR UPDATE', [one.sessionId]);
    expect((await callersOf().countedOfSession(one, [], orderOf())).found).not.toBeNull();
    expect(await old()).toEqual({ old: true });
    await busy.query('COMMIT');
    await busy.end();
    expect((await callersOf().countedOfSession(one, [], orderOf())).found).not.toBeNull();
    expect(await old()).toEqual({ old: false });
  });

  it('is answered to two replicas that count the same requests in other orders', async () => {
    const one = await person();
    const keys = Array.from({ length: 20 }, () => newId());
    const rounds = 20;
    const ask = async (replica: number, order: readonly string[]): Promise<void> => {
      const callers = callersOf(replica);
      for (let round = 0; round < rounds; round += 1) {
        await Promise.all(order.map((key) => callers.countedOfSession(one, [], orderOf(key, 1_000))));
      }
    };
    await Promise.all([ask(0, keys), ask(1, keys.toReversed())]);
    const left = await Promise.all(
      keys.map((key) => callersOf().countedOfSession(one, [], orderOf(key, 1_000))),
    );
    expect(left.map(({ taken }) => taken.remaining)).toEqual(keys.map(() => 1_000 - 2 * rounds - 1));
  });
});
