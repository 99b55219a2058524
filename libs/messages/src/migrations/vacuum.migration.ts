import { type Migration, OFTEN_VACUUMED, resetVacuum, setVacuum } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = {
  'messages.messages': OFTEN_VACUUMED,
};

class MessageVacuum1795292160000 implements MigrationInterface {
  readonly name = 'MessageVacuum1795292160000';

  async up(runner: QueryRunner): Promise<void> {
    await setVacuum(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await resetVacuum(runner, TABLES);
  }
}

export const messageVacuumMigrations: readonly Migration[] = [MessageVacuum1795292160000];
