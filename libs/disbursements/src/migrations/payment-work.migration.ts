import { type Migration, OFTEN_VACUUMED, SMALL_AND_HOT, vacuumedAs } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = {
  'disbursements.payments': OFTEN_VACUUMED,
  'disbursements.disbursements': SMALL_AND_HOT,
  'disbursements.work_items': SMALL_AND_HOT,
  'disbursements.fund_reservations': SMALL_AND_HOT,
};

/** What the flow of a million payments needs. By the defaults, a table of a million rows is vacuumed after two hundred thousand changes: its indexes would be bloated by then. */
class PaymentWork1795292280000 implements MigrationInterface {
  readonly name = 'PaymentWork1795292280000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      // How much of a tenant is with submission: what is not ended of its disbursements, and its direct payments.
      `CREATE INDEX disbursements_under_way ON disbursements.disbursements (tenant_id, id) WHERE status IN ('STARTED', 'PAUSED')`,
      `CREATE INDEX payments_pending_direct ON disbursements.payments (tenant_id) WHERE status = 'PENDING' AND type = 'DIRECT'`,
    ];
    for (const statement of statements) await runner.query(statement);
    for (const [table, settings] of Object.entries(TABLES)) await runner.query(vacuumedAs(table, settings));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP INDEX disbursements.disbursements_under_way, disbursements.payments_pending_direct',
    );
    for (const table of Object.keys(TABLES))
      await runner.query(
        `ALTER TABLE ${table} RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)`,
      );
  }
}

export const paymentWorkMigrations: readonly Migration[] = [PaymentWork1795292280000];
