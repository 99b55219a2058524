import { APP_ROLES, type Migration, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLE = 'disbursements.upload_jobs';
const STARTER = `SELECT (started_by) ON ${TABLE}`;
const OF_CORE = 'select (tenant_id, id, brought_people, state, started_by)';

/** Whoever registers a wallet for a file asks whether that is published, and notes who uploaded it. */
class PublishedUploads1795422060000 implements MigrationInterface {
  readonly name = 'PublishedUploads1795422060000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      ...tenantTable(TABLE, { disbursementCore: OF_CORE }),
      `GRANT ${STARTER} TO ${APP_ROLES.recipientApi}`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP POLICY tenant_disbursementcore ON ${TABLE}`);
    await runner.query(`REVOKE ${OF_CORE} ON ${TABLE} FROM ${APP_ROLES.disbursementCore}`);
    await runner.query(`REVOKE ${STARTER} FROM ${APP_ROLES.recipientApi}`);
  }
}

export const publishedUploadsMigrations: readonly Migration[] = [PublishedUploads1795422060000];
