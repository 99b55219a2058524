import { newTrace, traceIdOf } from '@libs/observability';

import type { BrokerOptions } from './broker-options';
import { park } from './event-handler';
import { type EventBench, eventually, exitOf } from './testing/event-bench';
import type { Behaviour } from './testing/scripted-handler';

/** What holds of events that share a database transaction. */
export function eventBatchesContract(given: () => { bench: EventBench; broker: BrokerOptions }): void {
  let bench: EventBench;
  let broker: BrokerOptions;

  beforeAll(() => {
    ({ bench, broker } = given());
  });

  /** Ten events of one database transaction, written before their group begins: they are fetched together. */
  const publishTen = async (
    tenant: string,
    scripts: Readonly<Record<number, string>> = {},
  ): Promise<void> => {
    await bench.publish(
      tenant,
      Array.from({ length: 10 }, (_, index) => ({
        key: 'ten',
        n: index + 1,
        script: scripts[index + 1] ?? '',
      })),
    );
  };

  /** How many database transactions the effects of a group came from. */
  const transactionsOf = async (group: string, tenant: string): Promise<number> => {
    const rows = await bench.sql(
      'SELECT DISTINCT xmin::text FROM public.effects WHERE consumer = $1 AND tenant_id = $2',
      [group, tenant],
    );
    return rows.length;
  };
  const KINDS: [string, boolean][] = [
    ['one-by-one', false],
    ['at-once', true],
  ];
  const TEN = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

  it('handles events of a tenant in few database transactions, and those of a handler that did not ask for it alone', async () => {
    const [tenant, other, free] = [await bench.newTenant(), await bench.newTenant(), await bench.newTenant()];
    const events = TEN.map((n) => ({ key: `few ${n % 2}`, n }));
    for (const event of events) {
      await bench.publish(tenant, [event]);
      await bench.publish(other, [{ ...event, key: `other ${event.key}` }]);
      await bench.publish(free, [event], bench.contracts.free);
    }
    const replica = await bench.startReplica(broker, { group: 'few' });
    for (const one of [tenant, other, free]) {
      const effects = await bench.effectsOnce(10, 'few', one);
      for (const remainder of [0, 1]) {
        const numbers = effects.filter(({ n }) => n % 2 === remainder).map(({ n }) => n);
        expect(numbers).toEqual(TEN.filter((n) => n % 2 === remainder));
      }
    }
    // Two keys of at most two partitions each.
    expect(await transactionsOf('few', tenant)).toBeLessThanOrEqual(4);
    expect(await transactionsOf('few', other)).toBeLessThanOrEqual(4);
    expect(await transactionsOf('few', free)).toBe(10);
    await replica.stop();
  });

  it('lets each event of a batch carry on its own trace', async () => {
    const tenant = await bench.newTenant();
    const traces = [newTrace(), newTrace(), newTrace()];
    await bench.unit.run({ tenantId: tenant, actor: 'system:test', trace: '' }, (tx) =>
      bench.outbox.publishAll(
        tx,
        bench.contracts.ordered,
        traces.map((trace, n) => ({
          type: 'test-a' as const,
          key: 'traced',
          data: { n, script: '' },
          trace,
        })),
      ),
    );
    const seen: (string | undefined)[] = [];
    const replica = await bench.startReplica(broker, {
      group: 'traced',
      behaviour: (event, place, tx) => {
        if (event.tenant_id === tenant && place === 'after') seen.push(traceIdOf(tx.trace));
        return undefined;
      },
    });
    await bench.effectsOnce(3, 'traced', tenant);
    expect(await transactionsOf('traced', tenant)).toBe(1);
    expect(seen).toEqual(traces.map(traceIdOf));
    await replica.stop();
  });

  it.each(KINDS)(
    'handling them %s, lets nine of ten take effect once and in order, and puts only the failing one and its key aside',
    async (kind, inSets) => {
      const group = `nine-${kind}`;
      const tenant = await bench.newTenant();
      let calls = 0;
      let mended = false;
      await publishTen(tenant, { 4: 'fail' });
      await bench.publish(tenant, [{ key: 'ten others', n: 11 }]);
      const behaviour: Behaviour = (event) => {
        if (event.data.script !== 'fail' || event.tenant_id !== tenant) return undefined;
        calls += 1;
        if (!mended) throw new Error('not yet');
        return undefined;
      };
      const retryPolicy = { triesMax: 1_000, firstDelayMs: 20, delayMaxMs: 20 };
      const replica = await bench.startReplica(broker, { group, inSets, behaviour, retryPolicy });
      const before = await bench.effectsOnce(4, group, tenant);
      expect(before.filter(({ key }) => key === 'ten').map(({ n }) => n)).toEqual([1, 2, 3]);
      const tried = await eventually(async () => {
        const rows = await bench.sql<{ tries: number; errors: { attempt: number }[] }>(
          `SELECT tries, errors FROM eventing.retry WHERE consumer = $2 AND tenant_id = $1 ORDER BY position`,
          [tenant, group],
        );
        return rows.length === 7 && (rows[0]?.tries ?? 0) >= 3 && rows;
      });
      // Counted are its own tries only, and nobody else's.
      expect(tried[0]?.errors.map(({ attempt }) => attempt)).toEqual(
        Array.from({ length: tried[0]?.tries ?? 0 }, (_, index) => index + 1),
      );
      expect(tried.slice(1).map(({ tries }) => tries)).toEqual([0, 0, 0, 0, 0, 0]);
      mended = true;
      const effects = await bench.effectsOnce(11, group, tenant);
      expect(effects.filter(({ key }) => key === 'ten').map(({ n }) => n)).toEqual(TEN);
      expect(effects).toHaveLength(11);
      expect(calls).toBeGreaterThan(3);
      await replica.stop();
    },
  );

  it.each(KINDS)(
    'handling them %s, parks each of several among thirty alone, wherever it stands',
    async (kind, inSets) => {
      const group = `park-some-${kind}`;
      const tenant = await bench.newTenant();
      const parked = [1, 5, 12, 13, 26, 30];
      const thirty = Array.from({ length: 30 }, (_, index) => index + 1);
      await bench.publish(
        tenant,
        thirty.map((n) => ({ key: 'thirty', n, script: parked.includes(n) ? 'park' : '' })),
      );
      const replica = await bench.startReplica(broker, {
        group,
        inSets,
        behaviour: (event, place) =>
          event.data.script === 'park' && place === 'after' ? park(`number ${event.data.n}`) : undefined,
      });
      const effects = await bench.effectsOnce(24, group, tenant);
      expect(effects.map(({ n }) => n)).toEqual(thirty.filter((n) => !parked.includes(n)));
      // Of ten and more before a failure, only what came since the last savepoint runs again.
      expect(await transactionsOf(group, tenant)).toBeLessThanOrEqual(inSets ? 24 : 12);
      const letters = await eventually(async () => {
        const found = (await bench.deadLetters.list()).filter(
          ({ consumer, tenant_id: of }) => consumer === group && of === tenant,
        );
        return found.length >= parked.length && found;
      });
      expect(letters.map(({ reason }) => reason).sort()).toEqual(parked.map((n) => `number ${n}`).sort());
      await replica.stop();
    },
  );

  it.each(KINDS)('handling them %s, turns away copies in the same batch', async (kind, inSets) => {
    const group = `copies-${kind}`;
    const tenant = await bench.newTenant();
    await publishTen(tenant);
    await bench.sql(
      `INSERT INTO eventing.outbox (topic, partition, key, value, headers)
       SELECT topic, partition, key, value, headers FROM eventing.outbox WHERE headers->>'tenant' = $1 ORDER BY seq`,
      [tenant],
    );
    const replica = await bench.startReplica(broker, { group, inSets });
    await bench.effectsOnce(10, group, tenant);
    await bench.publish(tenant, [{ key: 'ten', n: 11 }]);
    expect((await bench.effectsOnce(11, group, tenant)).map(({ n }) => n)).toEqual([...TEN, 11]);
    await replica.stop();
  });

  it('ends a shared database transaction when its time is over, and handles the rest in the next', async () => {
    const tenant = await bench.newTenant();
    await publishTen(tenant);
    const replica = await bench.startReplica(broker, {
      group: 'long',
      behaviour: async (event, place) => {
        if (event.tenant_id === tenant && place === 'after')
          await new Promise((resolve) => setTimeout(resolve, 40));
        return undefined;
      },
    });
    const effects = await bench.effectsOnce(10, 'long', tenant);
    expect(effects.map(({ n }) => n)).toEqual(TEN);
    expect(await transactionsOf('long', tenant)).toBeGreaterThanOrEqual(3);
    await replica.stop();
  });

  it.each(KINDS)(
    'handling them %s, counts an outage in the middle of a batch against nobody',
    async (kind, inSets) => {
      const group = `outage-${kind}`;
      const tenant = await bench.newTenant();
      let cuts = 0;
      await publishTen(tenant, { 6: 'cut' });
      const replica = await bench.startReplica(broker, {
        group,
        inSets,
        behaviour: async (event, place) => {
          if (event.data.script !== 'cut' || place !== 'after' || cuts >= 3) return undefined;
          cuts += 1;
          await cut(bench, `state = 'idle in transaction' AND query LIKE '%public.effects%'`);
          return undefined;
        },
      });
      const effects = await bench.effectsOnce(10, group, tenant);
      expect(effects.map(({ n }) => n)).toEqual(TEN);
      expect(cuts).toBe(3);
      expect(await bench.sql(`SELECT FROM eventing.retry WHERE tenant_id = $1`, [tenant])).toEqual([]);
      await bench.publish(tenant, [{ key: 'ten', n: 11 }]);
      expect(await bench.effectsOnce(11, group, tenant)).toHaveLength(11);
      await replica.stop();
    },
  );

  it('doubles nothing when the connection is lost at the COMMIT of a batch', async () => {
    const tenant = await bench.newTenant();
    await publishTen(tenant);
    // Sleeps within COMMIT, before it is done: long enough to be cut there.
    await bench.sql(
      `CREATE FUNCTION public.slow_commit() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$`,
    );
    await bench.sql(
      `CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON public.effects DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW WHEN (NEW.consumer = 'commit-cut' AND NEW.n = 10) EXECUTE FUNCTION public.slow_commit()`,
    );
    const replica = await bench.startReplica(broker, { group: 'commit-cut' });
    let cuts = 0;
    await eventually(async () => {
      cuts += await cut(bench, `state = 'active' AND query = 'COMMIT'`);
      return cuts >= 2;
    });
    const effects = await bench.effectsOnce(10, 'commit-cut', tenant);
    await bench.publish(tenant, [{ key: 'ten', n: 11 }]);
    expect((await bench.effectsOnce(11, 'commit-cut', tenant)).map(({ n }) => n)).toEqual([...TEN, 11]);
    expect(effects).toHaveLength(10);
    expect(await bench.sql(`SELECT FROM eventing.retry WHERE tenant_id = $1`, [tenant])).toEqual([]);
    await replica.stop();
    await bench.sql('DROP TRIGGER slow_commit ON public.effects');
  });

  it('doubles nothing when the process is killed between the COMMIT of a batch and its acknowledgement', async () => {
    const tenant = await bench.newTenant();
    await publishTen(tenant);
    // Offsets follow half a second later, so the effects are seen before them.
    const child = await bench.startProcess({ broker, group: 'acknowledged', worker: 'killed' });
    await bench.effectsOnce(10, 'acknowledged', tenant);
    child.kill('SIGKILL');
    expect(await exitOf(child)).toBe('SIGKILL');
    const replica = await bench.startReplica(broker, { group: 'acknowledged' });
    await bench.publish(tenant, [{ key: 'ten', n: 11 }]);
    const effects = await bench.effectsOnce(11, 'acknowledged', tenant);
    expect(effects.map(({ n }) => n)).toEqual([...TEN, 11]);
    await replica.stop();
  });
}

/** Cuts the connections that this is true of; returns how many. */
async function cut(bench: EventBench, which: string): Promise<number> {
  const rows = await bench.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'here' AND ${which}`,
  );
  return rows.length;
}
