import { type Migration, OFTEN_VACUUMED, SMALL_AND_HOT, vacuumedAs } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = {
  'eventing.log': OFTEN_VACUUMED,
  'eventing.inbox': OFTEN_VACUUMED,
  'eventing.retry': SMALL_AND_HOT,
  'eventing.partitions': SMALL_AND_HOT,
  'eventing.consumer_offsets': SMALL_AND_HOT,
};

/** By the defaults, a table of a million rows is vacuumed after two hundred thousand changes: its indexes would be bloated by then. */
class EventVacuum1795292220000 implements MigrationInterface {
  readonly name = 'EventVacuum1795292220000';

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

export const eventVacuumMigrations: readonly Migration[] = [EventVacuum1795292220000];
