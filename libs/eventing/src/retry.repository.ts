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

export interface WaitingAs {
  readonly consumer: string;
  readonly ordered: boolean;
  readonly tries: number;
  readonly errors: readonly EventError[];
  readonly delayMs: number;
}

export interface EventToWait {
  readonly record: EventRecord;
  readonly event: EventEnvelope;
}

/** In the order of the list. Does nothing for an event that waits already: it was delivered twice. */
export async function insertWaiting(
  tx: TenantTx | SystemTx,
  { consumer, ordered, tries, errors, delayMs }: WaitingAs,
  waiting: readonly EventToWait[],
): Promise<void> {
  await tx.execute(
    `INSERT INTO eventing.retry (consumer, topic, partition, key, value, headers, event_id, tenant_id, ordered, tries, errors, next_try_at)
     SELECT $1::text, w.topic, w.partition, w.key, w.value, w.headers, w.event_id, w.tenant_id, $2::boolean, $3::integer, $4::jsonb,
            now() + make_interval(secs => $5)
       FROM unnest($6::text[], $7::smallint[], $8::text[], $9::bytea[], $10::jsonb[], $11::uuid[], $12::uuid[])
            WITH ORDINALITY AS w (topic, partition, key, value, headers, event_id, tenant_id, nr)
      ORDER BY w.nr
     ON CONFLICT (consumer, event_id) DO NOTHING`,
    [
      ...[consumer, ordered, tries, JSON.stringify(errors), delayMs / 1000],
      waiting.map(({ record }) => record.topic),
      waiting.map(({ record }) => record.partition),
      // What waits behind an event is found by the key inside the event, which the runner has checked.
      waiting.map(({ event }) => event.key),
      waiting.map(({ record }) => record.value),
      waiting.map(({ record }) => JSON.stringify(record.headers)),
      waiting.map(({ event }) => event.id),
      waiting.map(({ event }) => event.tenant_id),
    ],
  );
}

const IS_FIRST = `(NOT r.ordered OR NOT EXISTS (
  SELECT FROM eventing.retry e
   WHERE e.consumer = r.consumer AND e.topic = r.topic AND e.key = r.key AND e.position < r.position))`;

/** So many that wait behind a due event are fetched with it. */
const FOLLOWERS_MAX = 50;

/**
 * Events whose time has come and that no earlier one of their key holds back, and what waits behind those, in their order.
 * Not locked: look again before handling.
 */
export async function dueWaiting(
  tx: SystemTx,
  consumer: string,
  topics: readonly string[],
  limit: number,
): Promise<WaitingEvent[]> {
  return await tx.query<WaitingRow>(
    `WITH due AS MATERIALIZED (
       SELECT r.consumer, r.topic, r.key, r.position, r.ordered
         FROM eventing.retry r
        WHERE r.consumer = $1 AND r.topic = ANY ($2::text[]) AND r.next_try_at <= now() AND ${IS_FIRST}
        ORDER BY r.next_try_at, r.position LIMIT $3)
     SELECT w.position, w.topic, w.partition, w.key, w.value, w.headers, w.tries, w.errors
       FROM due CROSS JOIN LATERAL (
         SELECT r.* FROM eventing.retry r
          WHERE r.consumer = due.consumer AND r.topic = due.topic AND r.key = due.key AND r.position >= due.position
            AND (due.ordered OR r.position = due.position)
          ORDER BY r.position LIMIT ${String(FOLLOWERS_MAX)}) AS w
      ORDER BY w.position LIMIT $3`,
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

/** The same for several: those of them that may be handled now, in their order. Whatever is before one of them is among them. */
export async function lockWaitingTogether(
  tx: TenantTx,
  consumer: string,
  positions: readonly bigint[],
): Promise<ReadonlySet<bigint>> {
  const rows = await tx.query<{ position: bigint }>(
    `WITH locked AS MATERIALIZED (
       SELECT r.position, r.topic, r.key, r.ordered FROM eventing.retry r
        WHERE r.position = ANY ($2::bigint[]) AND r.next_try_at <= now() ORDER BY r.position FOR UPDATE SKIP LOCKED)
     SELECT l.position FROM locked l
      WHERE NOT l.ordered OR NOT EXISTS (
        SELECT FROM eventing.retry e
         WHERE e.consumer = $1 AND e.topic = l.topic AND e.key = l.key AND e.position < l.position
           AND e.position NOT IN (SELECT position FROM locked))`,
    [consumer, positions],
  );
  return new Set(rows.map(({ position }) => position));
}

/** How many there were. */
export async function deleteWaiting(tx: TenantTx | SystemTx, positions: readonly bigint[]): Promise<number> {
  return await tx.execute('DELETE FROM eventing.retry WHERE position = ANY ($1::bigint[])', [positions]);
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
