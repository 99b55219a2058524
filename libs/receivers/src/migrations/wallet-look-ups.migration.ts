import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Only looked into for single people, never gone along. */
const INDEXES = ['receiver_wallets_pkey', 'receiver_wallets_tenant_id_receiver_id_wallet_id_key'];

/** The invitation writes each receiver wallet anew: room for that beside the entry of the upload, as in the indexes of payments. */
class WalletLookUps1795341960000 implements MigrationInterface {
  readonly name = 'WalletLookUps1795341960000';

  async up(runner: QueryRunner): Promise<void> {
    for (const index of INDEXES) await runner.query(`ALTER INDEX receivers.${index} SET (fillfactor = 45)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const index of INDEXES) await runner.query(`ALTER INDEX receivers.${index} RESET (fillfactor)`);
  }
}

export const walletLookUpsMigrations: readonly Migration[] = [WalletLookUps1795341960000];
