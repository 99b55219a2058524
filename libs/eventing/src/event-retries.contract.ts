import type { BrokerOptions } from './broker-options';
import { type EventBench, eventually } from './testing/event-bench';
import type { RetryPolicy } from './retry-policy';
import type { Behaviour } from './testing/scripted-handler';

const TEN = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const KINDS: [string, boolean][] = [
  ['one-by-one', false],
  ['at-once', true],
];

/** What holds of events that wait in `eventing.retry`. */
export function eventRetriesContract(given: () => { bench: EventBench; broker: BrokerOptions }): void {
  let bench: EventBench;
  let broker: BrokerOptions;

  beforeAll(() => {
    ({ bench, broker } = given());
  });

  const waitingOf = (group: string): Promise<{ key: string; tries: number }[]> =>
    bench.sql(`SELECT key, tries FROM eventing.retry WHERE consumer = $1 ORDER BY position`, [group]);

  /** No retry comes by itself within a test: `allDue` says when. */
  const rarely = (triesMax: number): RetryPolicy => ({
    triesMax,
    firstDelayMs: 600_000,
    delayMaxMs: 600_000,
  });
  const allDue = (group: string): Promise<object[]> =>
    bench.sql('UPDATE eventing.retry SET next_try_at = now() WHERE consumer = $1', [group]);

  it.each(KINDS)(
    'handling them %s, brings what waits behind an event along with it, in order and in few database transactions',
    async (kind, inSets) => {
      const group = `behind-${kind}`;
      const tenant = await bench.newTenant();
      let mended = false;
      await bench.publish(
        tenant,
        TEN.map((n) => ({ key: 'behind', n, script: n === 1 ? 'fail' : '' })),
      );
      const replica = await bench.startReplica(broker, {
        group,
        inSets,
        retryPolicy: rarely(2),
        behaviour: (event) => {
          if (event.data.script === 'fail' && event.tenant_id === tenant && !mended)
            throw new Error('not yet');
          return undefined;
        },
      });
      await eventually(async () => (await waitingOf(group)).length === 10);
      mended = true;
      await allDue(group);
      const effects = await bench.effectsOnce(10, group, tenant);
      expect(effects.map(({ n }) => n)).toEqual(TEN);
      const transactions = await bench.sql(
        'SELECT DISTINCT xmin::text FROM public.effects WHERE consumer = $1 AND tenant_id = $2',
        [group, tenant],
      );
      // One by one they share one for as long as its time is not over.
      if (inSets) expect(transactions).toHaveLength(1);
      else expect(transactions.length).toBeLessThan(10);
      expect(await waitingOf(group)).toEqual([]);
      await replica.stop();
    },
  );

  it.each(KINDS)(
    'handling them %s, counts a failure of several that are tried again against one of them, which is parked alone',
    async (kind, inSets) => {
      const group = `again-${kind}`;
      const tenant = await bench.newTenant();
      const calls = new Map<number, number>();
      let opened = false;
      await bench.publish(
        tenant,
        TEN.map((n) => ({ key: `again ${String(n)}`, n, script: 'fail' })),
      );
      const behaviour: Behaviour = ({ data, tenant_id: of }, place) => {
        if (data.script !== 'fail' || of !== tenant || place !== 'after') return undefined;
        calls.set(data.n, (calls.get(data.n) ?? 0) + 1);
        if (data.n === 4 || !opened) throw new Error(`number ${String(data.n)}`);
        return undefined;
      };
      const replica = await bench.startReplica(broker, { group, inSets, behaviour, retryPolicy: rarely(3) });
      await eventually(async () => (await waitingOf(group)).length === 10);
      opened = true;
      await allDue(group);
      const effects = await bench.effectsOnce(9, group, tenant);
      const letter = await eventually(async () => {
        await allDue(group);
        return (await bench.deadLetters.list()).find(
          ({ consumer, tenant_id: of }) => consumer === group && of === tenant,
        );
      });
      expect(letter.errors.map(({ attempt, error_message: text }) => `${String(attempt)} ${text}`)).toEqual(
        [1, 2, 3].map((attempt) => `${String(attempt)} number 4`),
      );
      expect(effects.map(({ n }) => n).sort((one, other) => one - other)).toEqual(TEN.filter((n) => n !== 4));
      expect((await bench.effects(group, tenant)).length).toBe(9);
      expect(await waitingOf(group)).toEqual([]);
      await replica.stop();
    },
  );

  it('keeps nobody waiting for one whose retry breaks the connection each time', async () => {
    const tenant = await bench.newTenant();
    let opened = false;
    let cuts = 0;
    await bench.publish(tenant, [
      { key: 'breaks', n: 1, script: 'cut' },
      { key: 'breaks', n: 2 },
      ...TEN.slice(2).map((n) => ({ key: `breaks not ${String(n)}`, n, script: 'fail' })),
    ]);
    const replica = await bench.startReplica(broker, {
      group: 'breaks',
      retryPolicy: rarely(2),
      behaviour: async ({ data, tenant_id: of }, place) => {
        if (of !== tenant || data.script === '' || place !== 'after') return undefined;
        if (!opened) throw new Error('not yet');
        if (data.script !== 'cut') return undefined;
        cuts += 1;
        await bench.sql(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'here'
              AND state = 'idle in transaction' AND query LIKE '%public.effects%'`,
        );
        return undefined;
      },
    });
    await eventually(async () => (await waitingOf('breaks')).length === 10);
    opened = true;
    await allDue('breaks');
    const effects = await bench.effectsOnce(8, 'breaks', tenant);
    expect(effects.map(({ n }) => n).sort((one, other) => one - other)).toEqual(TEN.slice(2));
    await eventually(() => Promise.resolve(cuts >= 2));
    // Few outages are nobody's failure, and what waits behind it waits on.
    expect((await waitingOf('breaks')).map(({ key }) => key)).toEqual(['breaks', 'breaks']);
    await replica.stop();
  });
}
