import { mustBe } from '../benchmark';
import type { PaymentSystem } from './payment-system';

const PAYMENTS_PER_ATTEMPT = 100;

/**
 * Finished payments as past months would have left them: submissions in SUCCESS, and for each hundred of them an attempt that was
 * applied with its envelope. They are copied, many times, from an attempt that this system made just now, so that the rows are as
 * wide as real ones and no column is forgotten; only what must be unique differs.
 */
export async function addHistory(
  { database }: Pick<PaymentSystem, 'database'>,
  { tenantId, payments }: { readonly tenantId: string; readonly payments: number },
): Promise<void> {
  const attempts = Math.ceil(payments / PAYMENTS_PER_ATTEMPT);
  const { sql } = database;
  const before = await countOf(database, tenantId);
  // The checks of a foreign key, one by one, would take longer than everything else; the rows fit by how they are made.
  await sql.query(`SET session_replication_role = replica`);
  await sql.query(
    `CREATE TEMP TABLE model AS
       SELECT a.id FROM submissions.attempts a
        WHERE a.tenant_id = $1 AND a.status = 'APPLIED' AND a.operations = ${String(PAYMENTS_PER_ATTEMPT)} LIMIT 1`,
    [tenantId],
  );
  mustBe(
    'attempts of 100 payments to copy',
    Number((await database.one('SELECT count(*) FROM model'))['count']),
    1,
  );
  await sql.query(`CREATE TEMP TABLE copies AS SELECT nr, uuidv7() AS id FROM generate_series(1, $1) AS nr`, [
    attempts,
  ]);
  await sql.query(
    `CREATE TEMP TABLE people AS
       SELECT c.id AS attempt_id, l.position, l.submission_id AS old_id, uuidv7() AS id
         FROM copies c CROSS JOIN model m
         JOIN submissions.attempt_submissions l ON l.tenant_id = $1 AND l.attempt_id = m.id
        ORDER BY c.nr, l.position`,
    [tenantId],
  );
  await copy(database, 'submissions.submissions', {
    from: `people p JOIN submissions.submissions o ON o.tenant_id = '${tenantId}' AND o.id = p.old_id`,
    replaced: { id: 'p.id', payment_id: 'p.id', attempt_id: 'p.attempt_id' },
  });
  await copy(database, 'submissions.attempts', {
    from: `copies c CROSS JOIN model m JOIN submissions.attempts o ON o.tenant_id = '${tenantId}' AND o.id = m.id`,
    replaced: { id: 'c.id', reference: `encode(sha256(c.id::text::bytea), 'hex')` },
  });
  await copy(database, 'submissions.envelopes', {
    from: `copies c CROSS JOIN model m JOIN submissions.envelopes o ON o.tenant_id = '${tenantId}' AND o.attempt_id = m.id`,
    replaced: {
      attempt_id: 'c.id',
      inner_hash: `encode(sha256(c.id::text::bytea), 'hex')`,
      envelope_hash: `encode(sha256(c.nr::text::bytea), 'hex')`,
    },
  });
  await copy(database, 'submissions.attempt_submissions', {
    from: `people p CROSS JOIN model m
           JOIN submissions.attempt_submissions o ON o.tenant_id = '${tenantId}' AND o.attempt_id = m.id AND o.position = p.position`,
    replaced: { attempt_id: 'p.attempt_id', submission_id: 'p.id' },
  });
  await sql.query(`DROP TABLE model, copies, people`);
  await sql.query(`SET session_replication_role = origin`);
  await sql.query('VACUUM (ANALYZE)');
  mustBe('submissions', await countOf(database, tenantId), before + attempts * PAYMENTS_PER_ATTEMPT);
}

/** Copies rows `o`, with these columns replaced and all others as they are, whatever columns the table has. */
async function copy(
  { sql }: PaymentSystem['database'],
  table: string,
  { from, replaced }: { readonly from: string; readonly replaced: Readonly<Record<string, string>> },
): Promise<void> {
  const { rows } = await sql.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
      WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity = ''
      ORDER BY attnum`,
    [table],
  );
  const names = rows.map(({ name }) => name);
  const values = names.map((name) => replaced[name] ?? `o.${name}`);
  await sql.query(`INSERT INTO ${table} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${from}`);
}

async function countOf(database: PaymentSystem['database'], tenantId: string): Promise<number> {
  const row = await database.one('SELECT count(*) FROM submissions.submissions WHERE tenant_id = $1', [
    tenantId,
  ]);
  return Number(row['count']);
}
