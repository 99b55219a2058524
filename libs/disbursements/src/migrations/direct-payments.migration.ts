import { type Migration, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Payments without a disbursement, and who approved what. */
class DirectPayments1795278041000 implements MigrationInterface {
  readonly name = 'DirectPayments1795278041000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      // Of direct payments: those of a disbursement came with a file, which knows who brought it.
      'ALTER TABLE disbursements.payments ADD COLUMN created_by uuid',
      // An asset stays while a direct payment of it is open.
      `CREATE INDEX payments_direct_open ON disbursements.payments (tenant_id, asset_id)
         WHERE type = 'DIRECT' AND status IN ('DRAFT', 'READY', 'PENDING', 'PAUSED')`,
      // One row per person. What they saw is part of the key: another file or another dispatch needs them again.
      `CREATE TABLE disbursements.approvals (
         tenant_id uuid NOT NULL,
         subject_id uuid NOT NULL,
         version text NOT NULL CHECK (char_length(version) <= 64),
         approver_id uuid NOT NULL,
         created_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, subject_id, version, approver_id))`,
      ...tenantTable('disbursements.approvals', { dashboardApi: 'select, insert' }),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE disbursements.approvals');
    await runner.query('DROP INDEX disbursements.payments_direct_open');
    await runner.query('ALTER TABLE disbursements.payments DROP COLUMN created_by');
  }
}

export const directPaymentsMigrations: readonly Migration[] = [DirectPayments1795278041000];
