import type { Logger } from '@libs/observability';
import { silentLogger } from '@libs/observability';
import { Database, UnitOfWork } from '@libs/persistence';
import { type TestDatabase, testDatabase } from '@libs/testing';
import { setTimeout as pause } from 'node:timers/promises';

import { ClockJobs } from './clock-jobs';
import { claimTurn } from './job-clock.repository';
import { eventually } from './testing/event-bench';

describe('work by the clock', () => {
  let testing: TestDatabase;
  let database: Database;
  let unit: UnitOfWork;

  beforeAll(async () => {
    testing = await testDatabase();
    database = new Database({ url: testing.url('disbursementCore'), applicationName: 'test' });
    unit = new UnitOfWork(database);
  });
  afterAll(async () => {
    await database.close();
    await testing.drop();
  });

  const jobs = (logger: Logger = silentLogger): ClockJobs => new ClockJobs({ unit, logger });

  it('has its period run by exactly one of the replicas that ask at the same time', async () => {
    const everyMs = 3_600_000;
    const turns = await Promise.all(
      Array.from({ length: 8 }, () => unit.runSystem('test', (tx) => claimTurn(tx, 'hourly', everyMs))),
    );
    expect(turns.filter(({ won }) => won)).toHaveLength(1);
    for (const { nextInMs } of turns) expect(nextInMs).toBeLessThanOrEqual(everyMs);
  });

  it('runs once per period, whichever replica it is', async () => {
    const everyMs = 60;
    const periods: number[] = [];
    const replicas = [jobs(), jobs(), jobs()];
    for (const replica of replicas) {
      replica.add({
        name: 'often',
        everyMs,
        run: async () => {
          periods.push(Date.now());
          await Promise.resolve();
        },
      });
      replica.start();
    }
    await eventually(async () => periods.length >= 12);
    await Promise.all(replicas.map((replica) => replica.stop()));
    const runs = periods.length;
    const rows = await unit.runSystem('test', (tx) =>
      tx.query<{ runs: bigint; periods: number }>(`SELECT runs FROM eventing.job_clock WHERE job = 'often'`),
    );
    // Each claim of a turn was one run: none was lost and none was run twice.
    expect(Number(rows[0]?.runs)).toBe(runs);
    const span = (periods.at(-1) ?? 0) - (periods[0] ?? 0);
    expect(runs - 1).toBeLessThanOrEqual(Math.ceil(span / everyMs) + 1);
  });

  it('runs at once when it is woken, any number of calls for one run, and never twice at a time in one process', async () => {
    const replica = jobs();
    const gate = Promise.withResolvers<undefined>();
    let runs = 0;
    let atOnce = 0;
    let atOnceMax = 0;
    replica.add({
      name: 'woken',
      everyMs: 3_600_000,
      run: async () => {
        runs += 1;
        atOnce += 1;
        atOnceMax = Math.max(atOnceMax, atOnce);
        if (runs === 2) await gate.promise;
        atOnce -= 1;
      },
    });
    replica.start();
    await eventually(async () => runs === 1);
    for (let call = 0; call < 5; call += 1) replica.wake('woken');
    await eventually(async () => runs === 2);
    // Woken while it runs: there may be work that this run did not see.
    for (let call = 0; call < 5; call += 1) replica.wake('woken');
    gate.resolve(undefined);
    await eventually(async () => runs === 3);
    await pause(50);
    expect([runs, atOnceMax]).toEqual([3, 1]);
    await replica.stop();
  });

  it('goes on after a run that failed, and says so', async () => {
    const failures: string[] = [];
    const logger: Logger = { ...silentLogger, error: (_, message) => failures.push(message) };
    const replica = jobs(logger);
    let runs = 0;
    replica.add({
      name: 'failing',
      everyMs: 20,
      run: async () => {
        runs += 1;
        await Promise.reject(new Error('broken'));
      },
    });
    replica.start();
    await eventually(async () => runs >= 3);
    await replica.stop();
    expect(failures).toEqual(Array.from({ length: runs }, () => 'a job failed'));
  });

  it('begins with a job that is added when the others already run', async () => {
    const replica = jobs();
    replica.start();
    const ran = Promise.withResolvers<undefined>();
    replica.add({
      name: 'late',
      everyMs: 10,
      run: async () => {
        ran.resolve(undefined);
        await Promise.resolve();
      },
    });
    await ran.promise;
    await replica.stop();
  });

  it('waits for the run at hand when it is stopped', async () => {
    const replica = jobs();
    let ended = false;
    const started = Promise.withResolvers<undefined>();
    replica.add({
      name: 'long',
      everyMs: 10,
      run: async () => {
        started.resolve(undefined);
        await pause(50);
        ended = true;
      },
    });
    replica.start();
    await started.promise;
    await replica.stop();
    expect(ended).toBe(true);
  });

  it('refuses two jobs of one name and the waking of an unknown one', () => {
    const replica = jobs();
    const job = { name: 'same', everyMs: 10, run: async (): Promise<void> => Promise.resolve() };
    replica.add(job);
    expect(() => replica.add(job)).toThrow('two jobs named same');
    expect(() => replica.wake('other')).toThrow('no job named other');
  });
});
