import { newId } from '@libs/kernel';

import type { BrokerOptions } from './broker-options';
import { partitionOfKey } from './partition-of-key';
import { type EventBench, eventually, exitOf } from './testing/event-bench';

/** What the promises hold through: replicas that come, go and are killed, and connections that are cut. */
export function eventReplicasContract(given: () => { bench: EventBench; broker: BrokerOptions }): void {
  let bench: EventBench;
  let broker: BrokerOptions;

  beforeAll(() => {
    ({ bench, broker } = given());
  });

  const keysOfEachPartition = (): string[] =>
    Array.from({ length: 12 }, (_, wanted) => {
      for (;;) {
        const key = newId();
        if (partitionOfKey(key, 12) === wanted) return key;
      }
    });

  it('shares the partitions fairly between replicas that come and go', async () => {
    const tenant = await bench.newTenant();
    const keys = keysOfEachPartition();
    let n = 0;
    const share = async (): Promise<Map<string, number>> => {
      const from = n;
      await bench.publish(
        tenant,
        keys.map((key) => ({ key, n: (n += 1) })),
      );
      const effects = await bench.effectsOnce(n, 'share', tenant);
      const shares = new Map<string, number>();
      for (const effect of effects.filter((one) => one.n > from)) {
        shares.set(effect.worker, (shares.get(effect.worker) ?? 0) + 1);
      }
      return shares;
    };
    const isShared = async (...wanted: [string, number][]): Promise<boolean> => {
      const shares = await share();
      return shares.size === wanted.length && wanted.every(([worker, count]) => shares.get(worker) === count);
    };
    const first = await bench.startReplica(broker, { group: 'share', worker: 'first' });
    await eventually(() => isShared(['first', 12]));
    const second = await bench.startReplica(broker, { group: 'share', worker: 'second' });
    await eventually(() => isShared(['first', 6], ['second', 6]));
    await first.stop();
    await eventually(() => isShared(['second', 12]));
    await second.stop();
    const effects = await bench.effects('share', tenant);
    expect(new Set(effects.map((effect) => effect.n)).size).toBe(effects.length);
  });

  it('loses nothing and doubles nothing when a consumer is killed at any step', async () => {
    const tenant = await bench.newTenant();
    const steps = [
      { script: 'die before the effect', place: 'before', inRetry: false },
      { script: 'die after the effect', place: 'after', inRetry: false },
      { script: 'die in a retry', place: 'after', inRetry: true },
    ] as const;
    let n = 0;
    for (const { script } of steps) {
      // The one before the fatal event is committed, but no offset is behind it yet.
      await bench.publish(tenant, [
        { key: 'fatal', n: (n += 1) },
        { key: 'fatal', n: (n += 1), script },
        { key: 'fatal', n: (n += 1) },
      ]);
    }
    for (const dieAt of steps) {
      const child = await bench.startProcess({ broker, group: 'killed', worker: dieAt.script, dieAt });
      expect(await exitOf(child)).toBe('SIGKILL');
    }
    const replica = await bench.startReplica(broker, { group: 'killed' });
    const effects = await bench.effectsOnce(n, 'killed', tenant);
    expect(effects.map((effect) => effect.n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await replica.stop();
  });

  it('loses nothing and doubles nothing when the relay is killed and every connection is cut in the middle of a batch', async () => {
    const tenant = await bench.newTenant();
    const child = await bench.startProcess({ broker, group: 'cut', worker: 'the relay' });
    const keys = Array.from({ length: 20 }, () => newId());
    const count = 600;
    const events = Array.from({ length: count }, (_, n) => ({ key: keys[n % 20] ?? '', n, script: 'slow' }));
    for (let from = 0; from < count; from += 50) await bench.publish(tenant, events.slice(from, from + 50));
    await bench.effectsOnce(20, 'cut', tenant);
    const replica = await bench.startReplica(broker, { group: 'cut' });
    await cutConnections(bench);
    await bench.effectsOnce(60, 'cut', tenant);
    child.kill('SIGKILL');
    await bench.effectsOnce(100, 'cut', tenant);
    await cutConnections(bench);
    const effects = await bench.effectsOnce(count, 'cut', tenant, 50_000);
    await bench.publish(
      tenant,
      keys.map((key) => ({ key, n: count })),
    );
    const all = await bench.effectsOnce(count + 20, 'cut', tenant);
    expect(effects.length).toBeGreaterThanOrEqual(count);
    expect(all).toHaveLength(count + 20);
    for (const key of keys) {
      const numbers = all.filter((effect) => effect.key === key).map((effect) => effect.n);
      expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
    }
    await replica.stop();
  });
}

async function cutConnections(bench: EventBench): Promise<void> {
  await bench.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name NOT IN ('publisher', 'event bench')`,
  );
}
