import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

class FileDifferences1795279441000 implements MigrationInterface {
  readonly name = 'FileDifferences1795279441000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE disbursements.uploads
         -- How the file differs from the one that it replaced; null for the first one. Only this remembers the older file.
         ADD COLUMN differences jsonb`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE disbursements.uploads DROP COLUMN differences');
  }
}

export const fileDifferencesMigrations: readonly Migration[] = [FileDifferences1795279441000];
