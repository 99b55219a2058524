import { type Migration, OFTEN_VACUUMED, vacuumedAs } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = {
  'receivers.receivers': OFTEN_VACUUMED,
  'receivers.receiver_wallets': OFTEN_VACUUMED,
  'receivers.verifications': OFTEN_VACUUMED,
};

/** By the defaults, a table of a million rows is vacuumed after two hundred thousand changes: its indexes would be bloated by then. */
class ReceiverVacuum1795292100000 implements MigrationInterface {
  readonly name = 'ReceiverVacuum1795292100000';

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

export const receiverVacuumMigrations: readonly Migration[] = [ReceiverVacuum1795292100000];
