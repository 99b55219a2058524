import { type Migration, OFTEN_VACUUMED, vacuumedAs } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = {
  'messages.messages': OFTEN_VACUUMED,
};

/** By the defaults, a table of a million rows is vacuumed after two hundred thousand changes: its indexes would be bloated by then. */
class MessageVacuum1795292160000 implements MigrationInterface {
  readonly name = 'MessageVacuum1795292160000';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, settings] of Object.entries(TABLES)) await runner.query(vacuumedAs(table, settings));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of Object.keys(TABLES))
      await runner.query(
        `ALTER TABLE ${table} RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)`,
      );
  }
}

export const messageVacuumMigrations: readonly Migration[] = [MessageVacuum1795292160000];
