import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is promised for fees is freed at the rate of the promise: the setting may be another one by then. Once per disbursement, so
 * that a start costs nothing per payment. What was promised before this has none, and is freed at the setting as it is.
 */
class PromisedFees1795415000000 implements MigrationInterface {
  readonly name = 'PromisedFees1795415000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE disbursements.disbursements
         -- In stroops per operation: at which its start promised XLM for fees.
         ADD COLUMN promised_base_fee bigint`,
    );
    await runner.query(
      `ALTER TABLE disbursements.payments
         -- The same of a promise of its own: of a direct payment, and of the last retry. Null: as its disbursement.
         ADD COLUMN promised_base_fee bigint`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE disbursements.payments DROP COLUMN promised_base_fee');
    await runner.query('ALTER TABLE disbursements.disbursements DROP COLUMN promised_base_fee');
  }
}

export const promisedFeesMigrations: readonly Migration[] = [PromisedFees1795415000000];
