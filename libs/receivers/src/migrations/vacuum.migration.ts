import { type Migration, OFTEN_VACUUMED, resetVacuum, setVacuum } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = {
  'receivers.receivers': OFTEN_VACUUMED,
  'receivers.receiver_wallets': OFTEN_VACUUMED,
  'receivers.verifications': OFTEN_VACUUMED,
};

class ReceiverVacuum1795292100000 implements MigrationInterface {
  readonly name = 'ReceiverVacuum1795292100000';

  async up(runner: QueryRunner): Promise<void> {
    await setVacuum(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await resetVacuum(runner, TABLES);
  }
}

export const receiverVacuumMigrations: readonly Migration[] = [ReceiverVacuum1795292100000];
