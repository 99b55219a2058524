import type { SystemTx } from '@libs/persistence';

export interface Depth {
  readonly consumer: string;
  readonly topic: string;
  readonly depth: number;
}

export interface Depths {
  readonly outbox: { readonly depth: number; readonly oldestSeconds: number };
  readonly retries: readonly Depth[];
  readonly deadLetters: readonly Depth[];
}

/** What waits in the outbox for everybody, and for the consumer group. */
export async function readDepths(tx: SystemTx, group: string): Promise<Depths> {
  const outbox = await tx.queryOne<{ depth: number; oldest: number }>(
    `SELECT count(*)::int AS depth, coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 AS oldest
       FROM eventing.outbox`,
  );
  const retries = await tx.query<Depth>(
    `SELECT consumer, topic, count(*)::int AS depth FROM eventing.retry WHERE consumer = $1 GROUP BY consumer, topic`,
    [group],
  );
  const deadLetters = await tx.query<Depth>(
    `SELECT consumer, topic, count(*)::int AS depth
       FROM eventing.dead_letters
      WHERE consumer = $1 AND status = 'OPEN'
      GROUP BY consumer, topic`,
    [group],
  );
  return {
    outbox: { depth: outbox?.depth ?? 0, oldestSeconds: outbox?.oldest ?? 0 },
    retries,
    deadLetters,
  };
}

/** How far the consumer group is behind the head of the log in PostgreSQL. */
export async function readLogLag(tx: SystemTx, group: string): Promise<Depth[]> {
  return await tx.query<Depth>(
    `SELECT o.consumer, o.topic, sum(greatest(coalesce(p.next_offset, 0) - o.next_offset, 0))::int AS depth
       FROM eventing.consumer_offsets o
       LEFT JOIN eventing.partitions p ON p.topic = o.topic AND p.partition = o.partition
      WHERE o.consumer = $1
      GROUP BY o.consumer, o.topic`,
    [group],
  );
}
