import { deadLetterTopicOf, type EventEnvelope, type EventError } from '@libs/contracts';
import { newId } from '@libs/kernel';
import type { SystemTx } from '@libs/persistence';

import { type EventHeaders, type EventRecord, storable } from './event-record';
import { insertRecords } from './outbox';

export const DEAD_LETTER_STATUSES = ['OPEN', 'REPLAYED', 'DISCARDED'] as const;
export type DeadLetterStatus = (typeof DEAD_LETTER_STATUSES)[number];

export interface DeadLetter {
  readonly id: string;
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  /** The bytes as they were delivered. */
  readonly value: Buffer;
  readonly headers: EventHeaders;
  readonly reason: string;
  readonly errors: readonly EventError[];
  readonly event_id: string | null;
  readonly tenant_id: string | null;
  readonly status: DeadLetterStatus;
  readonly created_at: Date;
  readonly closed_at: Date | null;
  readonly closed_by: string | null;
}

export interface NewDeadLetter {
  readonly consumer: string;
  readonly record: EventRecord;
  /** What the bytes say, when they could be read. */
  readonly event: EventEnvelope | null;
  readonly reason: string;
  readonly errors: readonly EventError[];
}

const REASON_MAX = 500;

/** Keeps the event for a person and tells the topic of dead letters, both or neither. */
export async function insertDeadLetter(tx: SystemTx, letter: NewDeadLetter): Promise<void> {
  const { consumer, record, event, errors } = letter;
  const id = newId();
  const reason = storable(letter.reason).slice(0, REASON_MAX);
  const inserted = await tx.execute(
    `INSERT INTO eventing.dead_letters (id, consumer, topic, partition, key, value, headers, reason, errors, event_id, tenant_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`,
    [
      id,
      consumer,
      record.topic,
      record.partition,
      record.key,
      record.value,
      JSON.stringify(record.headers),
      reason,
      JSON.stringify(errors),
      event?.id ?? null,
      event?.tenant_id ?? null,
    ],
  );
  if (inserted === 0) return;
  await insertRecords(tx, [
    {
      topic: deadLetterTopicOf(record.topic),
      partition: record.partition,
      key: record.key,
      // Bytes that could not be read travel as they are; the reason is in the headers then.
      value: event === null ? record.value : Buffer.from(JSON.stringify({ ...event, errors }), 'utf8'),
      headers: { ...record.headers, 'dead-letter': id, consumer, reason: headerText(reason) },
    },
  ]);
}

/** Headers of brokers are bytes without a declared encoding: plain ASCII is read alike by everybody. */
const headerText = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);

const COLUMNS = `id, consumer, topic, partition, key, value, headers, reason, errors, event_id, tenant_id, status, created_at, closed_at, closed_by`;

export async function listDeadLetters(
  tx: SystemTx,
  filter: { readonly status?: DeadLetterStatus; readonly topic?: string; readonly limit: number },
): Promise<DeadLetter[]> {
  return await tx.query<DeadLetter>(
    `SELECT ${COLUMNS} FROM eventing.dead_letters
      WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR topic = $2)
      ORDER BY created_at DESC, id DESC LIMIT $3`,
    [filter.status ?? null, filter.topic ?? null, filter.limit],
  );
}

export async function findDeadLetter(tx: SystemTx, id: string): Promise<DeadLetter | null> {
  return await tx.queryOne<DeadLetter>(`SELECT ${COLUMNS} FROM eventing.dead_letters WHERE id = $1`, [id]);
}

/** False when it is not open (any more), so that two people do not replay one letter. */
export async function closeDeadLetter(
  tx: SystemTx,
  id: string,
  as: { readonly status: 'REPLAYED' | 'DISCARDED'; readonly actor: string },
): Promise<boolean> {
  const closed = await tx.execute(
    `UPDATE eventing.dead_letters SET status = $2, closed_at = now(), closed_by = $3 WHERE id = $1 AND status = 'OPEN'`,
    [id, as.status, as.actor],
  );
  return closed === 1;
}
