import { newId } from '@libs/kernel';

import { pruneEvents } from './prune.repository';
import { EventBench } from './testing/event-bench';

describe('pruning', () => {
  let bench: EventBench;

  beforeAll(async () => {
    bench = await EventBench.open();
  });
  afterAll(async () => {
    await bench.close();
  });

  const log = async (topic: string, offset: number, hoursOld: number): Promise<void> => {
    await bench.sql(
      `INSERT INTO eventing.log (topic, partition, key, value, event_offset, published_at)
       VALUES ($1, 0, 'k', '', $2, now() - make_interval(hours => $3))`,
      [topic, offset, hoursOld],
    );
    await bench.sql(
      `INSERT INTO eventing.partitions VALUES ($1, 0, $2) ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset`,
      [topic, offset + 1],
    );
  };
  const consumer = async (name: string, topic: string, next: number): Promise<void> => {
    await bench.sql(
      `INSERT INTO eventing.consumer_offsets (consumer, topic, partition, next_offset) VALUES ($1, $2, 0, $3)`,
      [name, topic, next],
    );
  };
  const offsetsOf = async (topic: string): Promise<number[]> =>
    (
      await bench.sql<{ event_offset: bigint }>(
        'SELECT event_offset FROM eventing.log WHERE topic = $1 ORDER BY event_offset',
        [topic],
      )
    ).map((row) => Number(row.event_offset));

  it('deletes from the log what every group has passed, an hour after it was published, and nothing else', async () => {
    for (const [offset, hours] of [
      [0, 5],
      [1, 5],
      [2, 5],
      [3, 0],
    ] as const) {
      await log('read.by.two', offset, hours);
    }
    await consumer('fast', 'read.by.two', 4);
    await consumer('slow', 'read.by.two', 2);
    await log('read.by.nobody', 0, 10_000);
    await pruneEvents(bench.unit);
    expect(await offsetsOf('read.by.two')).toEqual([2, 3]);
    expect(await offsetsOf('read.by.nobody')).toEqual([0]);
    await bench.sql(`UPDATE eventing.consumer_offsets SET next_offset = 4 WHERE consumer = 'slow'`);
    await pruneEvents(bench.unit);
    expect(await offsetsOf('read.by.two')).toEqual([3]);
  });

  it('keeps the topics of dead letters, which nobody consumes, for a week', async () => {
    await log('x.dlq', 0, 24 * 8);
    await log('x.dlq', 1, 24 * 6);
    await pruneEvents(bench.unit);
    expect(await offsetsOf('x.dlq')).toEqual([1]);
  });

  it('forgets after 30 days what was handled, but nothing that an open dead letter may still meet', async () => {
    const mark = async (daysOld: number): Promise<string> => {
      const id = newId();
      await bench.sql(
        `INSERT INTO eventing.inbox (consumer, event_id, handled_at) VALUES ('app', $1, now() - make_interval(days => $2))`,
        [id, daysOld],
      );
      return id;
    };
    const [older, old, young] = [await mark(50), await mark(40), await mark(29)];
    const letter = newId();
    await bench.sql(
      `INSERT INTO eventing.dead_letters (id, consumer, topic, partition, key, value, reason, created_at)
       VALUES ($1, 'app', 't', 0, 'k', '', 'broken', now() - interval '45 days')`,
      [letter],
    );
    const marks = async (): Promise<string[]> =>
      (await bench.sql<{ event_id: string }>('SELECT event_id FROM eventing.inbox ORDER BY handled_at')).map(
        (row) => row.event_id,
      );
    await pruneEvents(bench.unit);
    expect(await marks()).toEqual([old, young]);
    expect(await marks()).not.toContain(older);
    await bench.deadLetters.discard(letter, 'user:test');
    await pruneEvents(bench.unit);
    expect(await marks()).toEqual([young]);
  });
});
