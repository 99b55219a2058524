import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Direct payments are claimed ahead of the payments of disbursements, without a look at those. */
class DirectFirst1795276200000 implements MigrationInterface {
  readonly name = 'DirectFirst1795276200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX submissions_queued_direct ON submissions.submissions (tenant_id, ready_at, id)
         WHERE status = 'QUEUED' AND disbursement_id IS NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX submissions.submissions_queued_direct');
  }
}

export const directFirstMigrations: readonly Migration[] = [DirectFirst1795276200000];
