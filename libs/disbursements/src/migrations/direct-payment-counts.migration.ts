import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The total of a list of payments by status counts the direct ones apart: from this index alone, without a look at their rows. */
class DirectPaymentCounts1795292163000 implements MigrationInterface {
  readonly name = 'DirectPaymentCounts1795292163000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX payments_direct_status ON disbursements.payments (tenant_id, status, created_at) WHERE type = 'DIRECT'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX disbursements.payments_direct_status');
  }
}

export const directPaymentCountsMigrations: readonly Migration[] = [DirectPaymentCounts1795292163000];
