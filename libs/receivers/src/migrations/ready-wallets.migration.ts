import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Each receiver wallet of a start had to be written into this index, which only the walk for reminders read. The walk goes along
 * `receiver_wallets_status` now, which lists need anyway.
 */
class ReadyWallets1795424060000 implements MigrationInterface {
  readonly name = 'ReadyWallets1795424060000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX receivers.receiver_wallets_ready');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX receiver_wallets_ready ON receivers.receiver_wallets (tenant_id, id) WHERE status = 'READY'`,
    );
  }
}

export const readyWalletsMigrations: readonly Migration[] = [ReadyWallets1795424060000];
