import type { EventEnvelope, EventError } from '@libs/contracts';
import type { SystemTx, TenantTx } from '@libs/persistence';

import type { EventHeaders, EventRecord } from './event-record';

export interface WaitingEvent extends EventRecord {
  readonly position: bigint;
  readonly tries: number;
  readonly errors: readonly EventError[];
}

interface WaitingRow {
  position: bigint;
  topic: string;
  partition: number;
  key: string;
  value: Buffer;
  headers: EventHeaders;
  tries: number;
  errors: EventError[];
}

export interface NewWaitingEvent {
  readonly consumer: string;
  readonly record: EventRecord;
  readonly event: EventEnvelope;
  readonly ordered: boolean;
  readonly tries: number;
  readonly errors: readonly EventError[];
  readonly delayMs: number;
}

/** Does nothing when the event waits already: it was delivered twice. */
export async function insertWaiting(tx: SystemTx, waiting: NewWaitingEvent): Promise<void> {
  const { consumer, record, event, ordered, tries, errors, delayMs } = waiting;
  await tx.execute(
    `INSERT INTO eventing.retry (consumer, topic, partition, key, value, headers, event_id, tenant_id, ordered, tries, errors, next_try_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now() + make_interval(secs => $12))
     ON CONFLICT (consumer, event_id) DO NOTHING`,
    [
      consumer,
      record.topic,
      record.partition,
      // What waits behind an event is found by the key inside the event, which the runner has checked.
      event.key,
      record.value,
      JSON.stringify(record.headers),
      event.id,
      event.tenant_id,
      ordered,
      tries,
      JSON.stringify(errors),
      delayMs / 1000,
    ],
  );
}

const IS_FIRST = `(NOT r.ordered OR NOT EXISTS (
  SELECT FROM eventing.retry e
   WHERE e.consumer = r.consumer AND e.topic = r.topic AND e.key = r.key AND e.position < r.position))`;

/** Events whose time has come and that no earlier one of their key holds back. Not locked: look again before handling. */
export async function dueWaiting(
  tx: SystemTx,
  consumer: string,
  topics: readonly string[],
  limit: number,
): Promise<WaitingEvent[]> {
  return await tx.query<WaitingRow>(
    `SELECT r.position, r.topic, r.partition, r.key, r.value, r.headers, r.tries, r.errors
       FROM eventing.retry r
      WHERE r.consumer = $1 AND r.topic = ANY ($2::text[]) AND r.next_try_at <= now() AND ${IS_FIRST}
      ORDER BY r.next_try_at, r.position LIMIT $3`,
    [consumer, topics, limit],
  );
}

/** Locks the row for this database transaction; false when another replica has it, or it is done or not yet due. */
export async function lockWaiting(tx: TenantTx, position: bigint): Promise<boolean> {
  const row = await tx.queryOne(
    `SELECT FROM eventing.retry r WHERE r.position = $1 AND r.next_try_at <= now() AND ${IS_FIRST} FOR UPDATE SKIP LOCKED`,
    [position],
  );
  return row !== null;
}

export async function deleteWaiting(tx: TenantTx | SystemTx, position: bigint): Promise<void> {
  await tx.execute('DELETE FROM eventing.retry WHERE position = $1', [position]);
}

/** Counts a failed try, unless another replica has counted meanwhile. */
export async function postponeWaiting(
  tx: SystemTx,
  waiting: Pick<WaitingEvent, 'position' | 'tries'>,
  next: { readonly errors: readonly EventError[]; readonly delayMs: number },
): Promise<boolean> {
  const updated = await tx.execute(
    `UPDATE eventing.retry SET tries = tries + 1, errors = $3, next_try_at = now() + make_interval(secs => $4)
      WHERE position = $1 AND tries = $2`,
    [waiting.position, waiting.tries, JSON.stringify(next.errors), next.delayMs / 1000],
  );
  return updated === 1;
}

/** The milliseconds until the next waiting event is due (0: now), or null when none waits. */
export async function nextDueInMs(
  tx: SystemTx,
  consumer: string,
  topics: readonly string[],
): Promise<number | null> {
  const row = await tx.queryOne<{ ms: number | null }>(
    // Not greatest(): it takes the absence of any retry for zero, and the caller would ask again at once, for ever.
    `SELECT extract(epoch FROM min(r.next_try_at) - now())::float8 * 1000 AS ms
       FROM eventing.retry r WHERE r.consumer = $1 AND r.topic = ANY ($2::text[]) AND ${IS_FIRST}`,
    [consumer, topics],
  );
  const ms = row?.ms ?? null;
  return ms === null ? null : Math.max(0, ms);
}
