import type { SystemTx } from '@libs/persistence';

import type { EventHeaders, EventRecord } from './event-record';

export interface OutboxRow extends EventRecord {
  readonly seq: bigint;
}

/** What a row takes on the wire besides its key and value, roughly. */
const BYTES_AROUND = 400;

export interface OutboxRange {
  readonly rows: number;
  readonly bytes: number;
  /** Topics that are passed over. */
  readonly without?: readonly string[];
  /** Only what comes after this place in the outbox; everything when it is left out. */
  readonly after?: bigint;
}

/** The oldest rows of the range, as many as both limits allow, and at least one. */
export async function readOutbox(
  tx: SystemTx,
  { rows, bytes, without = [], after = 0n }: OutboxRange,
): Promise<OutboxRow[]> {
  return await tx.query<{
    seq: bigint;
    topic: string;
    partition: number;
    key: string;
    value: Buffer;
    headers: EventHeaders;
  }>(OLDEST, [rows, bytes, without, after]);
}

/** Rows, bytes, topics to pass over, the place to begin after. */
export const OLDEST = `SELECT seq, topic, partition, key, value, headers
    FROM (SELECT *, sum(octet_length(value) + ${BYTES_AROUND}) OVER (ORDER BY seq) AS bytes, row_number() OVER (ORDER BY seq) AS nr
            FROM (SELECT * FROM eventing.outbox WHERE seq > $4 AND topic <> ALL ($3::text[]) ORDER BY seq LIMIT $1) AS oldest) AS counted
   WHERE nr = 1 OR bytes <= $2
   ORDER BY seq`;

/** The last place in the outbox that is taken now; 0 when it is empty. */
export async function endOfOutbox(tx: SystemTx): Promise<bigint> {
  const row = await tx.queryOne<{ end: bigint }>('SELECT coalesce(max(seq), 0) AS end FROM eventing.outbox');
  return row?.end ?? 0n;
}

export async function deleteSent(tx: SystemTx, rows: readonly OutboxRow[]): Promise<void> {
  await tx.execute('DELETE FROM eventing.outbox WHERE seq = ANY ($1::bigint[])', [
    rows.map(({ seq }) => seq),
  ]);
}
