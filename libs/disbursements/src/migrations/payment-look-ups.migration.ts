import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Only looked into for single payments, never gone along: that they are longer until a start slows nobody down. */
const INDEXES = ['payments_pkey', 'payments_receiver_wallet'];

/**
 * The start of a file writes each of its payments anew, with another entry beside the one of its upload. Indexes that the upload filled
 * had to part every page for that; where it leaves more than half of a page free, all of them fit, and pages are as full in the end.
 */
class PaymentLookUps1795341900000 implements MigrationInterface {
  readonly name = 'PaymentLookUps1795341900000';

  async up(runner: QueryRunner): Promise<void> {
    for (const index of INDEXES)
      await runner.query(`ALTER INDEX disbursements.${index} SET (fillfactor = 45)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const index of INDEXES) await runner.query(`ALTER INDEX disbursements.${index} RESET (fillfactor)`);
  }
}

export const paymentLookUpsMigrations: readonly Migration[] = [PaymentLookUps1795341900000];
