import { type Migration, OFTEN_VACUUMED, resetVacuum, setVacuum, SMALL_AND_HOT } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = {
  'eventing.log': OFTEN_VACUUMED,
  'eventing.inbox': OFTEN_VACUUMED,
  'eventing.retry': SMALL_AND_HOT,
  'eventing.partitions': SMALL_AND_HOT,
  'eventing.consumer_offsets': SMALL_AND_HOT,
};

class EventVacuum1795292220000 implements MigrationInterface {
  readonly name = 'EventVacuum1795292220000';

  async up(runner: QueryRunner): Promise<void> {
    await setVacuum(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await resetVacuum(runner, TABLES);
  }
}

export const eventVacuumMigrations: readonly Migration[] = [EventVacuum1795292220000];
