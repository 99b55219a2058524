import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const ROLE = 'distributary_dashboard_api_system';

/** Who stops all payments after a restore is told whose payments may still be paid, also through the operator's endpoint. */
class ForgottenPayments1795290193000 implements MigrationInterface {
  readonly name = 'ForgottenPayments1795290193000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `GRANT SELECT (tenant_id, status) ON submissions.submissions TO ${ROLE}`,
      `CREATE POLICY across_dashboardapi ON submissions.submissions FOR SELECT TO ${ROLE} USING (true)`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP POLICY across_dashboardapi ON submissions.submissions');
    await runner.query(`REVOKE SELECT (tenant_id, status) ON submissions.submissions FROM ${ROLE}`);
  }
}

export const forgottenPaymentsMigrations: readonly Migration[] = [ForgottenPayments1795290193000];
