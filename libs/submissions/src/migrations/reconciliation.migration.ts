import { type Migration, systemTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const READ_ACROSS = ['submissions.attempts', 'submissions.attempt_submissions'];
const READER = 'distributary_transaction_submission_system';

/** What was compared with the ledger, and what did not agree. */
class Reconciliation1795276260000 implements MigrationInterface {
  readonly name = 'Reconciliation1795276260000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      // The ledger at the first agreement: what left a paying account before it is not ours to explain.
      `ALTER TABLE submissions.database_identity ADD COLUMN agreed_ledger bigint`,
      `CREATE TABLE submissions.reconciled_accounts (
         -- A paying account, or '-' for the books alone.
         account text PRIMARY KEY,
         -- Everything that left the account up to this ledger was compared.
         ledger bigint NOT NULL DEFAULT 0,
         -- Every payment that became SUCCESS up to this moment was compared; the id tells those of one moment apart.
         paid_until timestamptz NOT NULL DEFAULT '-infinity',
         paid_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
         updated_at timestamptz NOT NULL DEFAULT now())`,
      ...systemTable('submissions.reconciled_accounts', { transactionSubmission: 'select, insert, update' }),
      `CREATE TABLE submissions.findings (
         kind text NOT NULL CHECK (char_length(kind) BETWEEN 1 AND 64),
         -- What it is about: an operation of the ledger, an attempt, a submission, an account.
         subject text NOT NULL CHECK (char_length(subject) BETWEEN 1 AND 200),
         tenant text,
         details jsonb NOT NULL,
         found_at timestamptz NOT NULL DEFAULT now(),
         seen_at timestamptz NOT NULL DEFAULT now(),
         -- Absent while it is open.
         closed_at timestamptz,
         closed_by text,
         PRIMARY KEY (kind, subject),
         CHECK ((closed_at IS NULL) = (closed_by IS NULL)))`,
      `CREATE INDEX findings_open ON submissions.findings (kind) WHERE closed_at IS NULL`,
      ...systemTable('submissions.findings', {
        disbursementCore: 'select, insert, update',
        transactionSubmission: 'select, insert, update',
      }),
      // The reconciler reads by these, across tenants: one hash, one account's ledgers, one stretch of time.
      `CREATE INDEX attempts_reference ON submissions.attempts (reference)`,
      `CREATE INDEX attempts_applied ON submissions.attempts (distribution_account, ((proof ->> 'ledger')::bigint))
         WHERE status = 'APPLIED'`,
      `CREATE INDEX submissions_paid ON submissions.submissions (updated_at, id) WHERE status = 'SUCCESS'`,
      ...READ_ACROSS.flatMap((table) => [
        `GRANT SELECT ON ${table} TO ${READER}`,
        `CREATE POLICY across_transactionsubmission ON ${table} FOR SELECT TO ${READER} USING (true)`,
      ]),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const statements = [
      ...READ_ACROSS.flatMap((table) => [
        `DROP POLICY across_transactionsubmission ON ${table}`,
        `REVOKE SELECT ON ${table} FROM ${READER}`,
      ]),
      'DROP INDEX submissions.submissions_paid, submissions.attempts_applied, submissions.attempts_reference',
      'DROP TABLE submissions.findings, submissions.reconciled_accounts',
      'ALTER TABLE submissions.database_identity DROP COLUMN agreed_ledger',
    ];
    for (const statement of statements) await runner.query(statement);
  }
}

export const reconciliationMigrations: readonly Migration[] = [Reconciliation1795276260000];
