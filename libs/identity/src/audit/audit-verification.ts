import { createHash } from 'node:crypto';

import type { TenantContext, TenantTx, UnitOfWork } from '@libs/persistence';

const ROWS_AT_ONCE = 1000;
const GENESIS = Buffer.alloc(32);

/** The end of a chain: how many rows it has, and the hash over all of them in hexadecimal. */
export interface AuditHead {
  readonly seq: bigint;
  readonly hash: string;
}

export type AuditVerification =
  | { readonly intact: true; readonly head: AuditHead }
  | { readonly intact: false; readonly seq: bigint; readonly reason: string };

/** Every field as text, as the hash covers it. */
interface SealedRow {
  readonly seq: bigint;
  readonly fields: readonly (string | null)[];
  readonly previous_hash: Uint8Array;
  readonly hash: Uint8Array;
}

/** The same text as `identity.audit_text` makes, computed apart from the database that is being checked. */
function textOf(fields: readonly (string | null)[]): Buffer {
  const parts = fields.map((field) =>
    field === null ? '-' : `${String(Buffer.byteLength(field, 'utf8'))}:${field}`,
  );
  return Buffer.from(parts.join(''), 'utf8');
}

const same = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

/** Reads the whole chain of one tenant and finds the first row that was changed, removed or put in. */
export class AuditVerifier {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** `expected` is an end that was written down elsewhere earlier: a chain that was rewritten as a whole fails it. */
  async verify(context: TenantContext, expected: AuditHead | null = null): Promise<AuditVerification> {
    const end = await this.unitOfWork.run(context, (tx) => endOf(tx));
    if (end.lastSeq !== end.head.seq) {
      const reason =
        end.lastSeq < end.head.seq
          ? `rows are missing at the end: the log ends with ${String(end.lastSeq)}, its head is ${String(end.head.seq)}`
          : `rows were put in after the head ${String(end.head.seq)}`;
      return { intact: false, seq: end.lastSeq, reason };
    }
    let previous: Uint8Array = GENESIS;
    let seq = 0n;
    while (seq < end.head.seq) {
      const rows = await this.unitOfWork.run(context, (tx) => sealedRowsAfter(tx, seq));
      if (rows.length === 0) return missing(seq + 1n);
      for (const row of rows) {
        if (row.seq > end.head.seq) break;
        if (row.seq !== seq + 1n) return missing(seq + 1n);
        const problem = problemOf(row, previous);
        if (problem !== null) return { intact: false, seq: row.seq, reason: problem };
        if (expected?.seq === row.seq && Buffer.from(row.hash).toString('hex') !== expected.hash) {
          return { intact: false, seq: row.seq, reason: 'it is not the row that was there at that time' };
        }
        previous = row.hash;
        seq = row.seq;
      }
    }
    return this.atTheEnd(end.head, previous, expected);
  }

  private atTheEnd(head: AuditHead, last: Uint8Array, expected: AuditHead | null): AuditVerification {
    if (Buffer.from(last).toString('hex') !== head.hash) {
      return { intact: false, seq: head.seq, reason: 'the last row is not the one that the head names' };
    }
    if (expected !== null && expected.seq > head.seq) {
      return { intact: false, seq: head.seq, reason: `it once had ${String(expected.seq)} rows` };
    }
    return { intact: true, head };
  }
}

const missing = (seq: bigint): AuditVerification => ({
  intact: false,
  seq,
  reason: 'the row is missing',
});

function problemOf(row: SealedRow, previous: Uint8Array): string | null {
  if (!same(row.previous_hash, previous)) return 'it does not follow the row before it';
  const hash = createHash('sha256').update(row.previous_hash).update(textOf(row.fields)).digest();
  return same(row.hash, hash) ? null : 'the row was changed';
}

async function endOf(tx: TenantTx): Promise<{ readonly head: AuditHead; readonly lastSeq: bigint }> {
  const row = await tx.queryOne<{ readonly seq: bigint; readonly hash: Uint8Array; readonly last: bigint }>(
    `SELECT coalesce(h.seq, 0) AS seq, h.hash, coalesce(l.last, 0) AS last
       FROM (SELECT max(seq) AS last FROM identity.audit_log WHERE tenant_id = $1) l
       LEFT JOIN identity.audit_heads h ON h.tenant_id = $1`,
    [tx.tenantId],
  );
  const hash = row?.hash ?? GENESIS;
  return {
    head: { seq: row?.seq ?? 0n, hash: Buffer.from(hash).toString('hex') },
    lastSeq: row?.last ?? 0n,
  };
}

async function sealedRowsAfter(tx: TenantTx, seq: bigint): Promise<SealedRow[]> {
  return await tx.query<SealedRow>(
    `SELECT seq, previous_hash, hash, ARRAY[tenant_id::text, seq::text,
              to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), actor_type, actor_id, actor_name, address,
              request_id, action, subject_type, subject_id, before::text, after::text] AS fields
       FROM identity.audit_log WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT ${String(ROWS_AT_ONCE)}`,
    [tx.tenantId, seq],
  );
}
