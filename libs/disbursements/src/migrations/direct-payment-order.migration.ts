import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The list of direct payments in the order in which they were made, without going past all the others. */
class DirectPaymentOrder1795292223000 implements MigrationInterface {
  readonly name = 'DirectPaymentOrder1795292223000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX payments_direct_created ON disbursements.payments (tenant_id, created_at, id) WHERE type = 'DIRECT'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX disbursements.payments_direct_created');
  }
}

export const directPaymentOrderMigrations: readonly Migration[] = [DirectPaymentOrder1795292223000];
