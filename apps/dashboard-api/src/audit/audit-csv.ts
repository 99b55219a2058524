import type { AuditEntry } from '@libs/identity';
import { csvLine } from '@libs/kernel';

const COLUMNS = [
  'Seq',
  'At',
  'Actor.Type',
  'Actor.ID',
  'Actor.Name',
  'Address',
  'RequestID',
  'Action',
  'Subject.Type',
  'Subject.ID',
  'Before',
  'After',
  'Hash',
];

const json = (value: unknown): string => (value === null ? '' : JSON.stringify(value));

export const AUDIT_CSV_HEADER = csvLine(COLUMNS);

/** One line of RFC 4180, its end included. */
export const auditCsvLine = (entry: AuditEntry): string =>
  csvLine([
    entry.seq.toString(),
    entry.at.toISOString(),
    entry.actor.type,
    entry.actor.id,
    entry.actor.name,
    entry.address,
    entry.requestId,
    entry.action,
    entry.subjectType,
    entry.subjectId,
    json(entry.before),
    json(entry.after),
    entry.hash,
  ]);
