import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What an upload left is settled some at a time, by whichever process has its turn: each goes on where the last one ended. */
class UploadPlaces1795412000000 implements MigrationInterface {
  readonly name = 'UploadPlaces1795412000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE disbursements.upload_jobs
         -- Where it goes on to be settled; null before its beginning.
         ADD COLUMN settled_to jsonb`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE disbursements.upload_jobs DROP COLUMN settled_to');
  }
}

export const uploadPlacesMigrations: readonly Migration[] = [UploadPlaces1795412000000];
