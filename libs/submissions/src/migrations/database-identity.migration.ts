import { type Migration, systemTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which database, and which of its histories, channel accounts were last known to agree with the ledger. */
class DatabaseIdentity1763700710000 implements MigrationInterface {
  readonly name = 'DatabaseIdentity1763700710000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `CREATE TABLE submissions.database_identity (
         only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
         system_identifier text NOT NULL,
         timeline bigint NOT NULL,
         agreed_at timestamptz NOT NULL DEFAULT now())`,
      ...systemTable('submissions.database_identity', { transactionSubmission: 'select, insert, update' }),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE submissions.database_identity');
  }
}

export const databaseIdentityMigrations: readonly Migration[] = [DatabaseIdentity1763700710000];
