import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Each payment of a start, a pause and a dispatch had to be written into this index, which only the clock read. The clock goes along
 * `payments_status_created` now, which lists need anyway.
 */
class ReadyPayments1795424000000 implements MigrationInterface {
  readonly name = 'ReadyPayments1795424000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX disbursements.payments_ready');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX payments_ready ON disbursements.payments (tenant_id, id) WHERE status = 'READY'`,
    );
  }
}

export const readyPaymentsMigrations: readonly Migration[] = [ReadyPayments1795424000000];
