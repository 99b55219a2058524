import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Lists of payments are merged from the orders of each status, so an order of all of them, whatever their status, serves nobody. Each
 * move of each payment wrote an entry into both.
 */
class PaymentOrders1795424120000 implements MigrationInterface {
  readonly name = 'PaymentOrders1795424120000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      'DROP INDEX disbursements.payments_created',
      'DROP INDEX disbursements.payments_updated',
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const statements = [
      `CREATE INDEX payments_updated ON disbursements.payments (tenant_id, updated_at, id) INCLUDE (created_at, upload_id)`,
      `CREATE INDEX payments_created ON disbursements.payments (tenant_id, created_at, id) INCLUDE (upload_id)`,
    ];
    for (const statement of statements) await runner.query(statement);
  }
}

export const paymentOrdersMigrations: readonly Migration[] = [PaymentOrders1795424120000];
