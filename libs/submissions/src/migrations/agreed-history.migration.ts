import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether this database, on this history of it, is the one that was last found to agree with the ledger. */
class AgreedHistory1795278360000 implements MigrationInterface {
  readonly name = 'AgreedHistory1795278360000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      // Why it may have forgotten something although its identity is the same; absent while nothing speaks for it.
      `ALTER TABLE submissions.database_identity ADD COLUMN doubt text CHECK (char_length(doubt) BETWEEN 1 AND 1000)`,
      `CREATE FUNCTION submissions.is_agreed_history() RETURNS boolean
         LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
         SELECT NOT EXISTS (
           SELECT FROM submissions.database_identity d
            WHERE d.doubt IS NOT NULL
               OR d.system_identifier <> (SELECT system_identifier::text FROM pg_control_system())
               OR d.timeline <> ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint) $$`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION submissions.is_agreed_history()');
    await runner.query('ALTER TABLE submissions.database_identity DROP COLUMN doubt');
  }
}

export const agreedHistoryMigrations: readonly Migration[] = [AgreedHistory1795278360000];
