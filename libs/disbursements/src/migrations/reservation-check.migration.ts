import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const READER = 'distributary_disbursement_core_system';

/** Whether a payment in DRAFT has its money promised depends on its disbursement: read across tenants in one statement. */
class ReservationCheck1795280820000 implements MigrationInterface {
  readonly name = 'ReservationCheck1795280820000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`GRANT SELECT ON disbursements.disbursements TO ${READER}`);
    await runner.query(
      `CREATE POLICY across_disbursementcore ON disbursements.disbursements FOR SELECT TO ${READER} USING (true)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP POLICY across_disbursementcore ON disbursements.disbursements');
    await runner.query(`REVOKE SELECT ON disbursements.disbursements FROM ${READER}`);
  }
}

export const reservationCheckMigrations: readonly Migration[] = [ReservationCheck1795280820000];
