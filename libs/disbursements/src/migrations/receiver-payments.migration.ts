import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const INDEX = 'payments_receiver';
const ON = 'disbursements.payments (tenant_id, receiver_id)';

/**
 * What people were paid is read from the index alone, for a page of them or for a file of all. Their payments lie far apart: to read
 * each row for its status and amount took most of the time of such a file. The upload is there for policies that hide some of them.
 */
class ReceiverPayments1795341120000 implements MigrationInterface {
  readonly name = 'ReceiverPayments1795341120000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX disbursements.${INDEX}`);
    await runner.query(
      `CREATE INDEX ${INDEX} ON ${ON} INCLUDE (receiver_wallet_id, asset_id, status, amount, upload_id)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX disbursements.${INDEX}`);
    await runner.query(`CREATE INDEX ${INDEX} ON ${ON}`);
  }
}

export const receiverPaymentsMigrations: readonly Migration[] = [ReceiverPayments1795341120000];
