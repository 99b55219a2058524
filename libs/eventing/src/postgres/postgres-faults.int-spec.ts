import { type RunningPostgres, startPostgres } from '@libs/embedded-postgres';
import { newId } from '@libs/kernel';
import { APP_NAMES, APP_ROLES, migrate } from '@libs/persistence';
import { everyMigration, type TestDatabase, testRun } from '@libs/testing';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { EventBench, eventually } from '../testing/event-bench';

const broker = { type: 'POSTGRES' } as const;

/** Longer than any patience of the code for a connection. */
const AWAY_MS = 20_000;
/** A busy machine takes its time to notice, and these tests are about what happens, not when. */
const PATIENCE_MS = 80_000;
const TEST_TIMEOUT_MS = 180_000;

describe('events over PostgreSQL, when an owner of partitions freezes', () => {
  let bench: EventBench;

  beforeAll(async () => {
    bench = await EventBench.open();
  });
  afterAll(async () => {
    await bench.close();
  });

  it(
    'goes on without it, and lets it do no harm when it wakes up',
    async () => {
      const tenant = await bench.newTenant();
      const frozen = await bench.startProcess({ broker, group: 'frozen', worker: 'frozen' });
      const keys = Array.from({ length: 24 }, () => newId());
      const publish = (n: number, script = ''): Promise<void> =>
        bench.publish(
          tenant,
          keys.map((key) => ({ key, n, script })),
        );
      await publish(1);
      await bench.effectsOnce(24, 'frozen', tenant, PATIENCE_MS);
      // Frozen in the middle of work, as the relay and the owner of every partition.
      await publish(2, 'very slow');
      await eventually(async () => {
        const open = await bench.sql(
          `SELECT FROM pg_stat_activity WHERE application_name = 'frozen' AND state = 'idle in transaction'`,
        );
        return open.length > 0;
      });
      frozen.kill('SIGSTOP');
      await publish(3);
      const replica = await bench.startReplica(broker, { group: 'frozen' });
      await bench.effectsOnce(72, 'frozen', tenant, PATIENCE_MS);
      frozen.kill('SIGCONT');
      await publish(4);
      await bench.effectsOnce(96, 'frozen', tenant, PATIENCE_MS);
      await publish(5);
      const effects = await bench.effectsOnce(120, 'frozen', tenant, PATIENCE_MS);
      expect(effects).toHaveLength(120);
      for (const key of keys) {
        expect(effects.filter((effect) => effect.key === key).map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
      }
      await replica.stop();
    },
    TEST_TIMEOUT_MS,
  );
});

describe('events over PostgreSQL, when the server is stopped for 20 s and then killed', () => {
  let bench: EventBench;
  let server: RunningPostgres;
  const password = 'only-for-tests';
  const start = async (port?: number): Promise<RunningPostgres> =>
    await startPostgres({
      dataFolder: path.join(testRun().folder, 'faults-of-events'),
      password,
      durable: false,
      // What was committed must survive the kill; only a power cut may be worse here than in production.
      settings: { synchronous_commit: 'on', full_page_writes: 'on' },
      ...(port === undefined ? {} : { port }),
    });

  beforeAll(async () => {
    server = await start();
    bench = await EventBench.open(await migratedOn(server.superuserUrl, password));
  });
  afterAll(async () => {
    await bench.close();
    await server.stop();
    fs.rmSync(server.folder, { recursive: true, force: true });
  });

  it(
    'loses nothing and doubles nothing',
    async () => {
      const tenant = await bench.newTenant();
      const replica = await bench.startReplica(broker, { group: 'away', behaviour: slowly });
      const keys = Array.from({ length: 24 }, () => newId());
      const publish = async (n: number): Promise<void> => {
        for (let part = 0; part < 10; part += 1) {
          await bench.publish(
            tenant,
            keys.map((key) => ({ key, n: n + part })),
          );
        }
      };
      await publish(0);
      await bench.effectsOnce(24, 'away', tenant, PATIENCE_MS);
      await server.stop();
      await eventually(async () => replica.runtime.problems().length > 0);
      await pause(AWAY_MS);
      server = await start(server.port);
      await publish(10);
      await bench.effectsOnce(250, 'away', tenant, PATIENCE_MS);
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
      server = await start(server.port);
      await publish(20);
      const effects = await bench.effectsOnce(720, 'away', tenant, PATIENCE_MS);
      expect(effects).toHaveLength(720);
      for (const key of keys) {
        const numbers = effects.filter((effect) => effect.key === key).map(({ n }) => n);
        expect(numbers).toEqual(Array.from({ length: 30 }, (_, n) => n));
      }
      expect(replica.runtime.problems()).toEqual([]);
      await replica.stop();
    },
    TEST_TIMEOUT_MS,
  );
});

const slowly = async (): Promise<undefined> => {
  await pause(2);
  return undefined;
};

async function migratedOn(superuserUrl: string, password: string): Promise<TestDatabase> {
  const passwords = Object.fromEntries(APP_NAMES.map((app) => [app, password]));
  await migrate({ url: superuserUrl, migrations: everyMigration(), passwords });
  return {
    name: 'postgres',
    ownerUrl: superuserUrl,
    superuserUrl,
    url: (app) => {
      const url = new URL(superuserUrl);
      url.username = APP_ROLES[app];
      url.password = password;
      return url.href;
    },
    drop: async () => undefined,
  };
}
