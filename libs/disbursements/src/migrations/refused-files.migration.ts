import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The bytes of a refused file are kept for a while, so that everything that is wrong in it can be told. */
class RefusedFiles1795301640000 implements MigrationInterface {
  readonly name = 'RefusedFiles1795301640000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE disbursements.upload_jobs
         -- Until when; null when nothing of the file is kept, or it was published.
         ADD COLUMN kept_until timestamptz`,
    );
    await runner.query(
      `CREATE INDEX upload_jobs_kept ON disbursements.upload_jobs (tenant_id, kept_until) WHERE kept_until IS NOT NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE disbursements.upload_jobs DROP COLUMN kept_until');
  }
}

export const refusedFilesMigrations: readonly Migration[] = [RefusedFiles1795301640000];
