import { APP_ROLES, type Migration, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets transaction-submission check that an organisation has chosen the asset that it is to pay in. */
class AssetCheck1795279500000 implements MigrationInterface {
  readonly name = 'AssetCheck1795279500000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = tenantTable('catalogue.assets', { transactionSubmission: 'select' });
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP POLICY tenant_transactionsubmission ON catalogue.assets');
    await runner.query(`REVOKE SELECT ON catalogue.assets FROM ${APP_ROLES.transactionSubmission}`);
  }
}

export const assetCheckMigrations: readonly Migration[] = [AssetCheck1795279500000];
