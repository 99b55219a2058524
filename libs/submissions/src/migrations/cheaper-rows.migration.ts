import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const IN_FLIGHT = `WHERE status IN ('SIGNED', 'UNKNOWN')`;

/**
 * What each payment costs in PostgreSQL, halved. Indexes for holds hold only what is in flight: they are asked for nothing
 * else. What an attempt carries is written in the database transaction that locks its submissions and inserts the attempt, so
 * the checks of the foreign keys, one per row and key, found out nothing.
 */
class CheaperRows1795274400000 implements MigrationInterface {
  readonly name = 'CheaperRows1795274400000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `DROP INDEX submissions.submissions_disbursement`,
      `CREATE INDEX submissions_disbursement ON submissions.submissions (tenant_id, disbursement_id) ${IN_FLIGHT}`,
      `DROP INDEX submissions.submissions_receiver_wallet`,
      `CREATE INDEX submissions_receiver_wallet ON submissions.submissions (tenant_id, receiver_wallet_id) ${IN_FLIGHT}`,
      // The one by disbursement begins with the tenant as well.
      `DROP INDEX submissions.submissions_in_flight`,
      `ALTER TABLE submissions.attempt_submissions
         DROP CONSTRAINT attempt_submissions_tenant_id_attempt_id_fkey,
         DROP CONSTRAINT attempt_submissions_tenant_id_submission_id_fkey`,
      // Only what is live is looked for by its submission; the unique index of those does that.
      `DROP INDEX submissions.attempt_submissions_submission`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const open = `WHERE status IN ('QUEUED', 'SIGNED', 'UNKNOWN')`;
    const statements = [
      `CREATE INDEX attempt_submissions_submission ON submissions.attempt_submissions (tenant_id, submission_id)`,
      `ALTER TABLE submissions.attempt_submissions
         ADD FOREIGN KEY (tenant_id, attempt_id) REFERENCES submissions.attempts (tenant_id, id),
         ADD FOREIGN KEY (tenant_id, submission_id) REFERENCES submissions.submissions (tenant_id, id)`,
      `CREATE INDEX submissions_in_flight ON submissions.submissions (tenant_id, id) ${IN_FLIGHT}`,
      `DROP INDEX submissions.submissions_receiver_wallet`,
      `CREATE INDEX submissions_receiver_wallet ON submissions.submissions (tenant_id, receiver_wallet_id) ${open}`,
      `DROP INDEX submissions.submissions_disbursement`,
      `CREATE INDEX submissions_disbursement ON submissions.submissions (tenant_id, disbursement_id) ${open}`,
    ];
    for (const statement of statements) await runner.query(statement);
  }
}

export const cheaperRowsMigrations: readonly Migration[] = [CheaperRows1795274400000];
