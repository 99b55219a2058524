import type { SqlValue, TenantTx } from '@libs/persistence';

import type { AuditEntry, AuditRecord } from './audit-entry';
import { redacted } from './redaction';

interface AuditRow {
  readonly seq: bigint;
  readonly at: Date;
  readonly actor_type: AuditRecord['actor']['type'];
  readonly actor_id: string;
  readonly actor_name: string;
  readonly address: string;
  readonly request_id: string;
  readonly action: string;
  readonly subject_type: string;
  readonly subject_id: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly hash: Uint8Array;
}

/** What a reader asks for; null means any. */
export interface AuditFilter {
  readonly actorType: string | null;
  readonly actorId: string | null;
  readonly action: string | null;
  readonly subjectType: string | null;
  readonly subjectId: string | null;
  readonly requestId: string | null;
  readonly from: string | null;
  readonly until: string | null;
}

const COLUMNS = `seq, at, actor_type, actor_id, actor_name, address, request_id, action, subject_type, subject_id,
  before, after, hash`;
const CONDITIONS = `tenant_id = $1 AND ($2::text IS NULL OR actor_type = $2) AND ($3::text IS NULL OR actor_id = $3)
  AND ($4::text IS NULL OR action = $4) AND ($5::text IS NULL OR subject_type = $5)
  AND ($6::text IS NULL OR subject_id = $6) AND ($7::text IS NULL OR request_id = $7)
  AND ($8::timestamptz IS NULL OR at >= $8) AND ($9::timestamptz IS NULL OR at < $9)`;

const valuesOf = (tx: TenantTx, filter: AuditFilter): SqlValue[] => [
  tx.tenantId,
  filter.actorType,
  filter.actorId,
  filter.action,
  filter.subjectType,
  filter.subjectId,
  filter.requestId,
  filter.from,
  filter.until,
];

const entryOf = (row: AuditRow): AuditEntry => ({
  seq: row.seq,
  at: row.at,
  actor: { type: row.actor_type, id: row.actor_id, name: row.actor_name },
  address: row.address,
  requestId: row.request_id,
  action: row.action,
  subjectType: row.subject_type,
  subjectId: row.subject_id,
  before: row.before,
  after: row.after,
  hash: Buffer.from(row.hash).toString('hex'),
});

const jsonOf = (value: unknown): string | null =>
  value === null || value === undefined ? null : JSON.stringify(redacted(value));

/** The audit log of an organisation: it grows at its end and is never changed. */
export class AuditLogRepository {
  /**
   * Adds a row, in the same database transaction as what it tells about and as its last statement: other people's
   * rows wait for it. With `onlyWithChanges` nothing is added where nothing was written.
   */
  async append(
    tx: TenantTx,
    record: AuditRecord,
    { onlyWithChanges }: { readonly onlyWithChanges: boolean } = { onlyWithChanges: false },
  ): Promise<void> {
    await tx.execute(`SELECT identity.append_audit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, [
      record.actor.type,
      record.actor.id,
      record.actor.name,
      record.address,
      record.requestId,
      record.action,
      record.subjectType,
      record.subjectId,
      jsonOf(record.before),
      jsonOf(record.after),
      onlyWithChanges,
    ]);
  }

  async list(
    tx: TenantTx,
    filter: AuditFilter,
    page: { readonly offset: number; readonly limit: number; readonly direction: 'asc' | 'desc' },
    /** Counts what `SELECT` followed by this text finds. */
    count: (tx: TenantTx, fromWhere: string, values: readonly SqlValue[]) => Promise<number>,
  ): Promise<{ readonly items: AuditEntry[]; readonly total: number }> {
    const values = valuesOf(tx, filter);
    const rows = await tx.query<AuditRow>(
      `SELECT ${COLUMNS} FROM identity.audit_log WHERE ${CONDITIONS}
        ORDER BY seq ${page.direction === 'asc' ? 'ASC' : 'DESC'} OFFSET $10 LIMIT $11`,
      [...values, page.offset, page.limit],
    );
    const total = await count(tx, `FROM identity.audit_log WHERE ${CONDITIONS}`, values);
    return { items: rows.map(entryOf), total };
  }

  /** The next rows after `afterSeq`, oldest first: for reading all of it in bounded steps. */
  async after(tx: TenantTx, filter: AuditFilter, afterSeq: bigint, limit: number): Promise<AuditEntry[]> {
    const rows = await tx.query<AuditRow>(
      `SELECT ${COLUMNS} FROM identity.audit_log WHERE ${CONDITIONS} AND seq > $10 ORDER BY seq LIMIT $11`,
      [...valuesOf(tx, filter), afterSeq, limit],
    );
    return rows.map(entryOf);
  }
}
