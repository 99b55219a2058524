import type { AuditEntry } from '@libs/identity';

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
/** Spreadsheets run a cell that begins like this as a formula; also in the wide letters of East Asia. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/u;

const cell = (text: string): string => {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
};

const json = (value: unknown): string => (value === null ? '' : JSON.stringify(value));

export const AUDIT_CSV_HEADER = `${COLUMNS.join(',')}\r\n`;

/** One line of RFC 4180, its end included. */
export const auditCsvLine = (entry: AuditEntry): string =>
  [
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
  ]
    .map(cell)
    .join(',') + '\r\n';
