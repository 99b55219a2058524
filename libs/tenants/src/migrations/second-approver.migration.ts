import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

class SecondApprover1795278101000 implements MigrationInterface {
  readonly name = 'SecondApprover1795278101000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE tenants.organizations
         -- More than this leaves only with the approval of two who did not make it; null for never.
         ADD COLUMN second_approver_amount bigint CHECK (second_approver_amount >= 0)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE tenants.organizations DROP COLUMN second_approver_amount');
  }
}

export const secondApproverMigrations: readonly Migration[] = [SecondApprover1795278101000];
