import { type Migration, OFTEN_VACUUMED, resetVacuum, setVacuum, SMALL_AND_HOT } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = {
  'disbursements.payments': OFTEN_VACUUMED,
  'disbursements.disbursements': SMALL_AND_HOT,
  'disbursements.work_items': SMALL_AND_HOT,
  'disbursements.fund_reservations': SMALL_AND_HOT,
};

/** What the flow of a million payments needs. */
class PaymentWork1795292280000 implements MigrationInterface {
  readonly name = 'PaymentWork1795292280000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      // How much of a tenant is with submission: what is not ended of its disbursements, and its direct payments.
      `CREATE INDEX disbursements_under_way ON disbursements.disbursements (tenant_id, id) WHERE status IN ('STARTED', 'PAUSED')`,
      `CREATE INDEX payments_pending_direct ON disbursements.payments (tenant_id) WHERE status = 'PENDING' AND type = 'DIRECT'`,
    ];
    for (const statement of statements) await runner.query(statement);
    await setVacuum(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP INDEX disbursements.disbursements_under_way, disbursements.payments_pending_direct',
    );
    await resetVacuum(runner, TABLES);
  }
}

export const paymentWorkMigrations: readonly Migration[] = [PaymentWork1795292280000];
