import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Beside the dispatch numbers, the last line against paying a payment under two of them. */
class OneOpenDispatch1795290313000 implements MigrationInterface {
  readonly name = 'OneOpenDispatch1795290313000';

  async up(runner: QueryRunner): Promise<void> {
    // A payment is handed over again only after its dispatch before has ended unpaid.
    await runner.query(`CREATE UNIQUE INDEX submissions_one_open ON submissions.submissions (tenant_id, payment_id)
      WHERE status IN ('QUEUED', 'SIGNED', 'UNKNOWN', 'SUCCESS')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX submissions.submissions_one_open');
  }
}

export const oneOpenDispatchMigrations: readonly Migration[] = [OneOpenDispatch1795290313000];
