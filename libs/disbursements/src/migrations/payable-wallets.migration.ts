import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What can be dispatched is found without walking over everybody who has not registered yet. */
class PayableWallets1795290420000 implements MigrationInterface {
  readonly name = 'PayableWallets1795290420000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      // The wallet was registered when somebody last looked. Only a hint: *submit* reads the wallet itself under its lock.
      `ALTER TABLE disbursements.payments ADD COLUMN wallet_registered boolean NOT NULL DEFAULT false`,
      // Direct payments first, by their name. It shrinks as payments go.
      `CREATE INDEX payments_payable ON disbursements.payments (tenant_id, type, id) WHERE status = 'READY' AND wallet_registered`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE disbursements.payments DROP COLUMN wallet_registered');
  }
}

export const payableWalletsMigrations: readonly Migration[] = [PayableWallets1795290420000];
