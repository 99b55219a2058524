import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const SAME_SERVER = `d.doubt IS NOT NULL
               OR d.system_identifier <> (SELECT system_identifier::text FROM pg_control_system())
               OR d.timeline <> ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint`;

const isAgreedHistory = (differs: string): string =>
  `CREATE OR REPLACE FUNCTION submissions.is_agreed_history() RETURNS boolean
     LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
     SELECT NOT EXISTS (SELECT FROM submissions.database_identity d WHERE ${differs}) $$`;

/**
 * A dump that is put back into the same server leaves its identifier and its timeline as they are. But whatever way a row is
 * put back, another database transaction wrote it than the one that it names; and a copy of the whole database is another
 * database of its server. A row from before this migration names none: it is compared with the ledger once.
 */
class IdentityMarks1795290073000 implements MigrationInterface {
  readonly name = 'IdentityMarks1795290073000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `ALTER TABLE submissions.database_identity
         ADD COLUMN database_oid bigint,
         -- The id of the database transaction that wrote the row.
         ADD COLUMN written_by text`,
      isAgreedHistory(`${SAME_SERVER}
               OR d.database_oid IS DISTINCT FROM (SELECT oid::bigint FROM pg_database WHERE datname = current_database())
               OR d.written_by IS DISTINCT FROM d.xmin::text`),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(isAgreedHistory(SAME_SERVER));
    await runner.query(
      'ALTER TABLE submissions.database_identity DROP COLUMN database_oid, DROP COLUMN written_by',
    );
  }
}

export const identityMarksMigrations: readonly Migration[] = [IdentityMarks1795290073000];
