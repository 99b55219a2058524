import { type Migration, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Uploads of any size: their bytes in parts, and how far each is. */
class UploadJobs1795291680000 implements MigrationInterface {
  readonly name = 'UploadJobs1795291680000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `CREATE TABLE disbursements.upload_jobs (
         tenant_id uuid NOT NULL,
         -- Of the upload: a disbursement points to it once it is published.
         id uuid NOT NULL,
         disbursement_id uuid NOT NULL,
         file_name text NOT NULL DEFAULT '' CHECK (char_length(file_name) <= 255),
         state text NOT NULL DEFAULT 'RECEIVING'
           CHECK (state IN ('RECEIVING', 'CHECKING', 'PUBLISHING', 'PUBLISHED', 'REFUSED', 'LOST')),
         bytes_received bigint NOT NULL DEFAULT 0,
         rows_read integer NOT NULL DEFAULT 0,
         rows_valid integer NOT NULL DEFAULT 0,
         rows_wrong integer NOT NULL DEFAULT 0,
         -- Status and body of the answer to a file that was refused.
         refusal jsonb,
         -- Rows of its people may be there, which have to be swept when it is not published.
         brought_people boolean NOT NULL DEFAULT false,
         -- People who were invited before have to be invited for it, and not all of them are marked yet.
         invites_again boolean NOT NULL DEFAULT false,
         -- When nothing was left to do for it.
         settled_at timestamptz,
         started_by text NOT NULL,
         started_at timestamptz NOT NULL DEFAULT now(),
         beat_at timestamptz NOT NULL DEFAULT now(),
         ended_at timestamptz,
         PRIMARY KEY (tenant_id, id)) WITH (fillfactor = 50)`,
      // One upload per disbursement at a time.
      `CREATE UNIQUE INDEX upload_jobs_active ON disbursements.upload_jobs (tenant_id, disbursement_id)
         WHERE state IN ('RECEIVING', 'CHECKING', 'PUBLISHING')`,
      `CREATE INDEX upload_jobs_disbursement ON disbursements.upload_jobs (tenant_id, disbursement_id, started_at)`,
      `CREATE INDEX upload_jobs_unsettled ON disbursements.upload_jobs (tenant_id, beat_at) WHERE settled_at IS NULL`,
      ...tenantTable('disbursements.upload_jobs', { dashboardApi: 'select, insert, update, delete' }, [
        'dashboardApi',
      ]),
      // Of the gzipped file, each part encrypted under the key of its tenant.
      `CREATE TABLE disbursements.upload_parts (
         tenant_id uuid NOT NULL,
         upload_id uuid NOT NULL,
         part integer NOT NULL,
         content bytea NOT NULL,
         PRIMARY KEY (tenant_id, upload_id, part))`,
      // Encrypted bytes do not become smaller.
      `ALTER TABLE disbursements.upload_parts ALTER COLUMN content SET STORAGE EXTERNAL`,
      ...tenantTable('disbursements.upload_parts', { dashboardApi: 'select, insert, delete' }),
      `ALTER TABLE disbursements.uploads
         ALTER COLUMN content DROP NOT NULL,
         -- How many parts the file is kept in; null for one of before, which is in content as a whole.
         ADD COLUMN parts integer CHECK (parts >= 0)`,
      `ALTER TABLE disbursements.uploads ADD CHECK ((content IS NULL) = (parts IS NOT NULL))`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DELETE FROM disbursements.uploads WHERE content IS NULL');
    await runner.query(
      'ALTER TABLE disbursements.uploads DROP COLUMN parts, ALTER COLUMN content SET NOT NULL',
    );
    await runner.query('DROP TABLE disbursements.upload_parts, disbursements.upload_jobs');
  }
}

export const uploadJobsMigrations: readonly Migration[] = [UploadJobs1795291680000];
