import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['receivers', 'receiver_wallets', 'verifications', 'address_owners'];

/** A large file brings its people in many database transactions: what an upload left that was lost can be told by this. */
class BroughtPeople1795291620000 implements MigrationInterface {
  readonly name = 'BroughtPeople1795291620000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      // The upload that wrote the row; null once another upload relies on it as well, and for what no file brought.
      await runner.query(`ALTER TABLE receivers.${table} ADD COLUMN brought_by uuid`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      await runner.query(`ALTER TABLE receivers.${table} DROP COLUMN brought_by`);
    }
  }
}

export const broughtPeopleMigrations: readonly Migration[] = [BroughtPeople1795291620000];
