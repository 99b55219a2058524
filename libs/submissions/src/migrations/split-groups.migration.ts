import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Payments that shared a failed ledger transaction and would have worked go again together, and with nobody else. */
class SplitGroups1795273260000 implements MigrationInterface {
  readonly name = 'SplitGroups1795273260000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE submissions.submissions ADD COLUMN regroup_id uuid');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE submissions.submissions DROP COLUMN regroup_id');
  }
}

export const splitGroupsMigrations: readonly Migration[] = [SplitGroups1795273260000];
