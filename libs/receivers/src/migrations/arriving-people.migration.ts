import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['receivers', 'receiver_wallets', 'verifications', 'address_owners'];

/**
 * Lists and counts leave out people whose upload is not published, so the indexes that they are read from alone tell which
 * upload brought each row.
 */
class ArrivingPeople1795299480000 implements MigrationInterface {
  readonly name = 'ArrivingPeople1795299480000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      ...TABLES.flatMap((table) => [
        // Other uploads that rely on the row: it is there for readers once one of all these is published.
        `ALTER TABLE receivers.${table} ADD COLUMN shared_with uuid[]`,
        `CREATE INDEX ${table}_shared ON receivers.${table} (tenant_id) WHERE shared_with IS NOT NULL`,
      ]),
      'DROP INDEX receivers.receivers_created, receivers.receivers_updated, receivers.receiver_wallets_status',
      `CREATE INDEX receivers_created ON receivers.receivers (tenant_id, created_at, id) INCLUDE (brought_by, shared_with)`,
      `CREATE INDEX receivers_updated ON receivers.receivers (tenant_id, updated_at, id) INCLUDE (created_at, brought_by, shared_with)`,
      `CREATE INDEX receiver_wallets_status ON receivers.receiver_wallets (tenant_id, status, receiver_id) INCLUDE (brought_by, shared_with)`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const statements = [
      'DROP INDEX receivers.receivers_created, receivers.receivers_updated, receivers.receiver_wallets_status',
      `CREATE INDEX receivers_created ON receivers.receivers (tenant_id, created_at, id)`,
      `CREATE INDEX receivers_updated ON receivers.receivers (tenant_id, updated_at, id) INCLUDE (created_at)`,
      `CREATE INDEX receiver_wallets_status ON receivers.receiver_wallets (tenant_id, status, receiver_id)`,
      ...TABLES.map((table) => `ALTER TABLE receivers.${table} DROP COLUMN shared_with`),
    ];
    for (const statement of statements) await runner.query(statement);
  }
}

export const arrivingPeopleMigrations: readonly Migration[] = [ArrivingPeople1795299480000];
