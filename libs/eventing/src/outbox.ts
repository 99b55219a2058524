import { type EventContract, type EventDataOf, type EventEnvelope } from '@libs/contracts';
import { invariant, newId } from '@libs/kernel';
import type { SystemTx, TenantTx } from '@libs/persistence';

import { type EventRecord, headersOf } from './event-record';
import { bytesOf, cutIntoChunks, EVENT_BYTES_MAX } from './event-size';
import { EventNotValidError, EventTooLargeError } from './eventing.errors';
import { partitionOfKey } from './partition-of-key';

export interface EventToPublish<C extends EventContract> {
  readonly type: C['types'][number];
  /** Events of one key are handled in order: usually the id of the row that the event speaks about. */
  readonly key: string;
  readonly data: EventDataOf<C>;
  /** The trace of what caused this event, when one database transaction serves several; that of `tx` otherwise. */
  readonly trace?: string;
}

export interface ListToPublish<C extends EventContract, Item> {
  readonly type: C['types'][number];
  readonly key: string;
  readonly items: readonly Item[];
  /** The data of an event that carries these items. Also called with none, to learn what an event takes besides. */
  readonly toData: (items: Item[]) => EventDataOf<C>;
  /** As in `EventToPublish`. */
  readonly trace?: string;
}

/** Wakes the relay. The sweep of each second finds what a lost notification leaves. */
export const OUTBOX_CHANNEL = 'eventing_outbox';

/**
 * Where events begin: a row in the same database transaction as the change that they tell of, so that there is
 * never one without the other. Publish *after* the guarded update of that row.
 */
export class Outbox {
  async publish<C extends EventContract>(tx: TenantTx, contract: C, event: EventToPublish<C>): Promise<void> {
    await insertRecords(tx, [recordOf(tx, contract, event)]);
  }

  /** Many events of one contract in one statement, in the order of the list. */
  async publishAll<C extends EventContract>(
    tx: TenantTx,
    contract: C,
    events: readonly EventToPublish<C>[],
  ): Promise<void> {
    await insertRecords(
      tx,
      events.map((event) => recordOf(tx, contract, event)),
    );
  }

  /** As many events as the list needs (none for an empty one), each of at most 250 items and 48 KiB. */
  async publishChunked<C extends EventContract, Item>(
    tx: TenantTx,
    contract: C,
    { type, key, items, toData, trace = tx.trace }: ListToPublish<C, Item>,
  ): Promise<void> {
    const bytesAround = bytesOf(envelopeOf(tx, contract, { type, key, data: toData([]) }));
    const chunks = cutIntoChunks(items, bytesAround);
    await this.publishAll(
      tx,
      contract,
      chunks.map((chunk) => ({ type, key, data: toData(chunk), trace })),
    );
  }
}

function envelopeOf<C extends EventContract>(
  tx: TenantTx,
  contract: C,
  { type, key, data, trace }: EventToPublish<C>,
): EventEnvelope {
  return {
    id: newId(),
    topic: contract.topic,
    key,
    tenant_id: tx.tenantId,
    type,
    version: contract.version,
    occurred_at: new Date().toISOString(),
    trace: trace ?? tx.trace,
    data,
  };
}

function recordOf<C extends EventContract>(tx: TenantTx, contract: C, event: EventToPublish<C>): EventRecord {
  const { topic, types, partitions } = contract;
  const parsed = contract.data.safeParse(event.data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    // The path names the field; the value itself stays out of messages.
    throw new EventNotValidError(
      `an event of ${topic} does not fit its contract at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    );
  }
  if (!types.includes(event.type)) throw new EventNotValidError(`${topic} has no type ${event.type}`);
  if (event.key === '' || event.key.length > 200) {
    throw new EventNotValidError(`the key of an event of ${topic} must have 1 to 200 characters`);
  }
  const envelope = envelopeOf(tx, contract, event);
  const value = Buffer.from(JSON.stringify(envelope), 'utf8');
  if (value.byteLength > EVENT_BYTES_MAX)
    throw new EventTooLargeError(topic, value.byteLength, EVENT_BYTES_MAX);
  return {
    topic,
    partition: partitionOfKey(event.key, partitions),
    key: event.key,
    value,
    headers: headersOf(envelope),
  };
}

const ROWS_PER_STATEMENT_MAX = 100;

/** Only for `Outbox` and for dead letters: whoever else writes here would pass the contract by. */
export async function insertRecords(tx: TenantTx | SystemTx, records: readonly EventRecord[]): Promise<void> {
  for (let from = 0; from < records.length; from += ROWS_PER_STATEMENT_MAX) {
    const rows = records.slice(from, from + ROWS_PER_STATEMENT_MAX);
    const inserted = await tx.execute(
      `WITH wake AS (SELECT pg_notify('${OUTBOX_CHANNEL}', ''))
       INSERT INTO eventing.outbox (topic, partition, key, value, headers)
       SELECT r.topic, r.partition, r.key, r.value, r.headers
         FROM unnest($1::text[], $2::smallint[], $3::text[], $4::bytea[], $5::jsonb[])
              WITH ORDINALITY AS r (topic, partition, key, value, headers, nr), wake
        ORDER BY r.nr`,
      [
        rows.map((row) => row.topic),
        rows.map((row) => row.partition),
        rows.map((row) => row.key),
        rows.map((row) => row.value),
        rows.map((row) => JSON.stringify(row.headers)),
      ],
    );
    invariant(inserted === rows.length, 'every event is written');
  }
}
