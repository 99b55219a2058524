import { newId } from '@libs/kernel';
import { Database } from '@libs/persistence';
import { testDatabase, type TestDatabase } from '@libs/testing';

import { rateLimitKey, RateLimitRepository } from './rate-limit.repository';

describe('the rate limit', () => {
  let test: TestDatabase;
  let replicas: Database[];

  beforeAll(async () => {
    test = await testDatabase();
    const [one, other] = [test.url('dashboardApi'), test.url('recipientApi')];
    replicas = [one, other].map((url) => new Database({ url, applicationName: 'test', connectionsMax: 4 }));
  });
  afterAll(async () => {
    for (const database of replicas) await database.close();
    await test.drop();
  });

  // An hour is long enough that no window ends during the test.
  const rule = { requestsMax: 40, windowSeconds: 3_600 };

  it('is one for all replicas, also when requests come at the same time', async () => {
    const subject = newId();
    const takes = await Promise.all(
      Array.from({ length: 60 }, (_, index) => {
        const database = replicas[index % 2];
        if (database === undefined) throw new Error('there are two');
        return new RateLimitRepository(database).take({ key: rateLimitKey(subject), rule });
      }),
    );
    const allowed = takes.filter(({ remaining }) => remaining >= 0);
    expect(allowed).toHaveLength(40);
    expect(new Set(allowed.map(({ remaining }) => remaining)).size).toBe(40);
    // What was refused is not counted, so that hammering does not prolong the wait.
    const { rows } = (await replicas[0]?.pool.query('SELECT hits FROM http.rate_limits')) ?? { rows: [] };
    expect(rows).toEqual([{ hits: 40 }]);
    expect(takes[0]?.resetsAtSeconds).toBeGreaterThan(1_700_000_000);
  });

  it('counts what lies within the last window, a part of the one before included', async () => {
    const [database] = replicas;
    if (database === undefined) throw new Error('there is one');
    const repository = new RateLimitRepository(database);
    const subject = newId();
    for (let hit = 0; hit < 40; hit += 1) await repository.take({ key: rateLimitKey(subject), rule });
    expect((await repository.take({ key: rateLimitKey(subject), rule })).remaining).toBe(-1);
    await database.pool.query('UPDATE http.rate_limits SET window_number = window_number - 1');
    const next = await repository.take({ key: rateLimitKey(subject), rule });
    // How much of the window before still counts depends on the minute of the hour at which the test runs.
    expect(next.remaining).toBeLessThan(40);
    await database.pool.query('UPDATE http.rate_limits SET window_number = window_number - 2');
    expect((await repository.take({ key: rateLimitKey(subject), rule })).remaining).toBe(39);
  });

  it('forgets what ended', async () => {
    const [database] = replicas;
    if (database === undefined) throw new Error('there is one');
    const repository = new RateLimitRepository(database);
    await repository.take({ key: rateLimitKey(newId()), rule });
    await database.pool.query('UPDATE http.rate_limits SET window_number = window_number - 5');
    await repository.take({ key: rateLimitKey(newId()), rule });
    expect(await repository.forgetOld(rule.windowSeconds, 1)).toBe(1);
    await repository.forgetOld(rule.windowSeconds, 1_000);
    const { rows } = await database.pool.query('SELECT 1 FROM http.rate_limits');
    expect(rows).toHaveLength(1);
  });
});
