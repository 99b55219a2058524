import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

class UploadFormats1795291740000 implements MigrationInterface {
  readonly name = 'UploadFormats1795291740000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE disbursements.upload_jobs
         -- As which encoding and with which separator the file was read; null until its header was.
         ADD COLUMN format jsonb`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE disbursements.upload_jobs DROP COLUMN format');
  }
}

export const uploadFormatsMigrations: readonly Migration[] = [UploadFormats1795291740000];
