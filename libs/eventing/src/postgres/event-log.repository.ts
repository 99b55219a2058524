import type { SystemTx } from '@libs/persistence';

import type { EventHeaders, EventRecord } from '../event-record';

export interface PartitionOf {
  readonly topic: string;
  readonly partition: number;
}

/** A partition as one consumer group sees it. `lockId` is its number among all locks of partitions. */
export interface ConsumerPartition extends PartitionOf {
  readonly lockId: number;
}

export interface Position {
  readonly lockId: number;
  readonly nextOffset: bigint;
  readonly epoch: bigint;
}

export interface LoggedEvent extends EventRecord {
  readonly offset: bigint;
}

/** The rows of a group for these topics; those that are missing begin at the start of the log. */
export async function ensureConsumer(
  tx: SystemTx,
  consumer: string,
  partitions: readonly PartitionOf[],
): Promise<ConsumerPartition[]> {
  const values = [consumer, partitions.map((one) => one.topic), partitions.map((one) => one.partition)];
  await tx.execute(
    `INSERT INTO eventing.consumer_offsets (consumer, topic, partition)
     SELECT $1, p.topic, p.partition FROM unnest($2::text[], $3::smallint[]) AS p (topic, partition)
      WHERE NOT EXISTS (SELECT FROM eventing.consumer_offsets o
                         WHERE o.consumer = $1 AND o.topic = p.topic AND o.partition = p.partition)
      ORDER BY p.topic, p.partition
     ON CONFLICT DO NOTHING`,
    values,
  );
  return await tx.query<ConsumerPartition>(
    `SELECT topic, partition, lock_id AS "lockId" FROM eventing.consumer_offsets
      WHERE consumer = $1 AND (topic, partition) IN (SELECT * FROM unnest($2::text[], $3::smallint[]))
      ORDER BY lock_id`,
    values,
  );
}

/** The new owner's epoch fences off the commits of the one before. */
export async function takeOver(tx: SystemTx, lockIds: readonly number[]): Promise<Position[]> {
  return await tx.query<Position>(
    `UPDATE eventing.consumer_offsets SET epoch = epoch + 1 WHERE lock_id = ANY ($1::int[])
     RETURNING lock_id AS "lockId", next_offset AS "nextOffset", epoch`,
    [lockIds],
  );
}

/** The lock ids of those that were committed. Any other has another owner now: nothing more may be done with it. */
export async function commitOffsets(tx: SystemTx, positions: readonly Position[]): Promise<Set<number>> {
  // A lost commit only means a second delivery, which the inbox turns away.
  await tx.execute('SET LOCAL synchronous_commit = off');
  const rows = await tx.query<{ lockId: number }>(
    `UPDATE eventing.consumer_offsets o SET next_offset = p.next_offset
       FROM unnest($1::int[], $2::bigint[], $3::bigint[]) AS p (lock_id, next_offset, epoch)
      WHERE o.lock_id = p.lock_id AND o.epoch = p.epoch
     RETURNING o.lock_id AS "lockId"`,
    [
      positions.map(({ lockId }) => lockId),
      positions.map(({ nextOffset }) => nextOffset),
      positions.map(({ epoch }) => epoch),
    ],
  );
  return new Set(rows.map(({ lockId }) => lockId));
}

/** The head of each partition of these topics. */
export async function readHeads(
  tx: SystemTx,
  topics: readonly string[],
): Promise<(PartitionOf & { nextOffset: bigint })[]> {
  return await tx.query<PartitionOf & { nextOffset: bigint }>(
    `SELECT topic, partition, next_offset AS "nextOffset" FROM eventing.partitions WHERE topic = ANY ($1::text[])`,
    [topics],
  );
}

export async function readLog(
  tx: SystemTx,
  { topic, partition }: PartitionOf,
  { from, limit }: { readonly from: bigint; readonly limit: number },
): Promise<LoggedEvent[]> {
  return await tx.query<PartitionOf & { key: string; value: Buffer; headers: EventHeaders; offset: bigint }>(
    `SELECT topic, partition, key, value, headers, event_offset AS "offset" FROM eventing.log
      WHERE topic = $1 AND partition = $2 AND event_offset >= $3 ORDER BY event_offset LIMIT $4`,
    [topic, partition, from, limit],
  );
}
