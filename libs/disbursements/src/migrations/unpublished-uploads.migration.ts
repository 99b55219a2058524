import { APP_ROLES, type Migration, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLE = 'disbursements.upload_jobs';

/** Each reader of people asks which uploads are not published: there are a few at most, whatever the history. */
class UnpublishedUploads1795299540000 implements MigrationInterface {
  readonly name = 'UnpublishedUploads1795299540000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `CREATE INDEX upload_jobs_unpublished ON ${TABLE} (tenant_id, id) WHERE brought_people AND state <> 'PUBLISHED'`,
      ...tenantTable(TABLE, { recipientApi: 'select (tenant_id, id, brought_people, state)' }),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP POLICY tenant_recipientapi ON ${TABLE}`);
    await runner.query(
      `REVOKE SELECT (tenant_id, id, brought_people, state) ON ${TABLE} FROM ${APP_ROLES.recipientApi}`,
    );
    await runner.query('DROP INDEX disbursements.upload_jobs_unpublished');
  }
}

export const unpublishedUploadsMigrations: readonly Migration[] = [UnpublishedUploads1795299540000];
