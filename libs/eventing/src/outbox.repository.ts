import type { SystemTx } from '@libs/persistence';

import type { EventHeaders, EventRecord } from './event-record';

export interface OutboxRow extends EventRecord {
  readonly seq: bigint;
}

/** What a row takes on the wire besides its key and value, roughly. */
const BYTES_AROUND = 400;

/** The oldest rows, as many as both limits allow, and at least one; those of the topics in `without` are passed over. */
export async function readOutbox(
  tx: SystemTx,
  limit: { readonly rows: number; readonly bytes: number },
  without: readonly string[] = [],
): Promise<OutboxRow[]> {
  return await tx.query<{
    seq: bigint;
    topic: string;
    partition: number;
    key: string;
    value: Buffer;
    headers: EventHeaders;
  }>(
    `SELECT seq, topic, partition, key, value, headers
       FROM (SELECT *, sum(octet_length(value) + ${BYTES_AROUND}) OVER (ORDER BY seq) AS bytes, row_number() OVER (ORDER BY seq) AS nr
               FROM (SELECT * FROM eventing.outbox WHERE topic <> ALL ($3::text[]) ORDER BY seq LIMIT $1) AS oldest) AS counted
      WHERE nr = 1 OR bytes <= $2
      ORDER BY seq`,
    [limit.rows, limit.bytes, without],
  );
}

export async function deleteSent(tx: SystemTx, rows: readonly OutboxRow[]): Promise<void> {
  await tx.execute('DELETE FROM eventing.outbox WHERE seq = ANY ($1::bigint[])', [
    rows.map(({ seq }) => seq),
  ]);
}
