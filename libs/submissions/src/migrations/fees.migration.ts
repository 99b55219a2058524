import { type Migration, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What payments cost: of each one as a bound, and of each disbursement to be reported. */
class Fees1795278240000 implements MigrationInterface {
  readonly name = 'Fees1795278240000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      // In stroops: its share of every ledger transaction that a ledger charged for.
      `ALTER TABLE submissions.submissions ADD COLUMN fees_charged bigint NOT NULL DEFAULT 0`,
      // One row for each attempt and what it paid for: written once, and never by two at a time.
      `CREATE TABLE submissions.fees (
         tenant_id uuid NOT NULL,
         -- The disbursement, or the payment itself when it is a direct one.
         paid_for uuid NOT NULL,
         attempt_id uuid NOT NULL,
         payments integer NOT NULL CHECK (payments BETWEEN 1 AND 100),
         fee bigint NOT NULL CHECK (fee >= 0),
         created_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, paid_for, attempt_id))`,
      ...tenantTable('submissions.fees', {
        dashboardApi: 'select',
        disbursementCore: 'select',
        transactionSubmission: 'select, insert',
      }),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE submissions.fees');
    await runner.query('ALTER TABLE submissions.submissions DROP COLUMN fees_charged');
  }
}

export const feesMigrations: readonly Migration[] = [Fees1795278240000];
