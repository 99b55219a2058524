import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Lists of payments that were made before some day, by their last change, the newest first: nearly all change within a week after they
 * were made, so those are found from a week after that day on, and the others here. In hours: a day may have 23.
 *
 * How many disbursements there are is counted from one index alone.
 */
class LatePayments1795376100000 implements MigrationInterface {
  readonly name = 'LatePayments1795376100000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `CREATE INDEX payments_late ON disbursements.payments (tenant_id, updated_at, id) INCLUDE (created_at, status, type, upload_id)
        WHERE updated_at - created_at > interval '168 hours'`,
      'DROP INDEX disbursements.disbursements_created',
      `CREATE INDEX disbursements_created ON disbursements.disbursements (tenant_id, created_at, id) INCLUDE (status, removed_at)`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const statements = [
      'DROP INDEX disbursements.disbursements_created',
      'CREATE INDEX disbursements_created ON disbursements.disbursements (tenant_id, created_at, id)',
      'DROP INDEX disbursements.payments_late',
    ];
    for (const statement of statements) await runner.query(statement);
  }
}

export const latePaymentsMigrations: readonly Migration[] = [LatePayments1795376100000];
