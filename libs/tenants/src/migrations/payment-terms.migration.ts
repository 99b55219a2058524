import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How an organisation's payments are put into ledger transactions, decided by the operator. */
class PaymentTerms1795272600000 implements MigrationInterface {
  readonly name = 'PaymentTerms1795272600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE tenants.organizations
         ADD COLUMN payments_per_envelope integer NOT NULL DEFAULT 100
           CHECK (payments_per_envelope BETWEEN 1 AND 100),
         -- In stroops per operation; absent: as the environment says.
         ADD COLUMN max_base_fee bigint CHECK (max_base_fee BETWEEN 100 AND 100000000)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE tenants.organizations DROP COLUMN payments_per_envelope, DROP COLUMN max_base_fee`,
    );
  }
}

export const paymentTermsMigrations: readonly Migration[] = [PaymentTerms1795272600000];
