import { newId } from '@libs/kernel';

import { EventBench, eventually } from './testing/event-bench';

const valueOf = (text: string, series: string): string | undefined =>
  text
    .split('\n')
    .find((line) => line.startsWith(`${series} `))
    ?.slice(series.length + 1);

describe('the metrics of events', () => {
  let bench: EventBench;

  beforeEach(async () => {
    bench = await EventBench.open();
  });
  afterEach(async () => {
    await bench.close();
  });

  it('tell what waits at this scrape and not at the one before', async () => {
    const replica = await bench.startReplica(
      { type: 'POSTGRES' },
      {
        group: 'app',
        retryPolicy: { triesMax: 2, firstDelayMs: 3_600_000, delayMaxMs: 3_600_000 },
        behaviour: ({ data }) => {
          if (data.script === 'fail') throw new Error('as the script says');
          return undefined;
        },
      },
    );
    const topic = bench.contracts.ordered.topic;
    const labels = `{consumer="app",topic="${topic}"}`;
    const scrape = async (): Promise<unknown[]> => {
      const text = await replica.metrics.text();
      return ['distributary_retry_depth', 'distributary_dead_letters_open', 'distributary_consumer_lag'].map(
        (name) => valueOf(text, `${name}${labels}`),
      );
    };
    // Zero is told too, or nobody knows whether it was asked.
    expect(await scrape()).toEqual(['0', '0', '0']);
    const tenant = await bench.newTenant();
    await bench.publish(tenant, [{ key: newId(), n: 1, script: 'fail' }], bench.contracts.ordered);
    await eventually(async () => (await bench.sql('SELECT FROM eventing.retry')).length === 1);
    await eventually(async () => (await bench.sql('SELECT FROM eventing.outbox')).length === 0);
    expect((await scrape()).slice(0, 2)).toEqual(['1', '0']);
    await bench.sql(
      `UPDATE eventing.consumer_offsets SET next_offset = 0 WHERE consumer = 'app' AND topic = $1`,
      [topic],
    );
    expect((await scrape())[2]).toBe('1');
    await bench.sql('DELETE FROM eventing.retry');
    expect((await scrape())[0]).toBe('0');
  });

  it('begin with all results of all topics that this process handles, and leave out what cannot be asked', async () => {
    const replica = await bench.startReplica({ type: 'POSTGRES' }, { group: 'app' });
    const { topic } = bench.contracts.free;
    const before = await replica.metrics.text();
    for (const result of ['done', 'duplicate', 'waiting', 'failed', 'parked'])
      expect(valueOf(before, `distributary_events_handled_total{topic="${topic}",result="${result}"}`)).toBe(
        '0',
      );
    expect(valueOf(before, `distributary_event_lag_seconds_count{topic="${topic}"}`)).toBe('0');
    expect(valueOf(before, 'distributary_outbox_depth')).toBe('0');
    await bench.sql('ALTER TABLE eventing.outbox RENAME TO elsewhere');
    const broken = await replica.metrics.text();
    await bench.sql('ALTER TABLE eventing.elsewhere RENAME TO outbox');
    expect(valueOf(broken, 'distributary_outbox_depth')).toBeUndefined();
    expect(broken).not.toContain('distributary_retry_depth{');
    expect(valueOf(broken, `distributary_event_lag_seconds_count{topic="${topic}"}`)).toBe('0');
    expect(valueOf(await replica.metrics.text(), 'distributary_outbox_depth')).toBe('0');
  });
});
