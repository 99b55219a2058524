import { type Migration, OFTEN_VACUUMED, setVacuum, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLE = 'receivers.arriving_addresses';
const PUBLICATIONS = 'receivers.address_publications';
const SEARCHED = 'receivers.receiver_wallets_address_text';

/** A file registers the wallets of any number of people in one moment, without locking them. */
class ArrivingAddresses1795422000000 implements MigrationInterface {
  readonly name = 'ArrivingAddresses1795422000000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      // Addresses that count from the publication of their upload on, after which they are folded into receiver_wallets.
      `CREATE TABLE ${TABLE} (
         tenant_id uuid NOT NULL,
         upload_id uuid NOT NULL,
         receiver_wallet_id uuid NOT NULL,
         stellar_address text NOT NULL CHECK (stellar_address ~ '^G[A-Z2-7]{55}$'),
         stellar_memo text,
         stellar_memo_type text CHECK (stellar_memo_type IN ('text', 'id', 'hash', 'return')),
         PRIMARY KEY (tenant_id, upload_id, receiver_wallet_id))`,
      `CREATE INDEX arriving_addresses_wallet ON ${TABLE} (tenant_id, receiver_wallet_id)`,
      ...tenantTable(TABLE, {
        dashboardApi: 'select, insert, delete',
        recipientApi: 'select, delete',
        disbursementCore: 'select, delete',
      }),
      // How many files with addresses were published: whose row is locked, nobody else publishes one.
      `CREATE TABLE ${PUBLICATIONS} (
         tenant_id uuid PRIMARY KEY,
         files bigint NOT NULL)`,
      ...tenantTable(PUBLICATIONS, { dashboardApi: 'select, insert, update' }),
      // Whoever registers the address that fills its list of new entries (4 MB by default, of some 2,000 addresses) sorts all of them in, for 100 ms.
      `ALTER INDEX ${SEARCHED} SET (gin_pending_list_limit = 1024)`,
    ];
    for (const statement of statements) await runner.query(statement);
    await setVacuum(runner, { [TABLE]: OFTEN_VACUUMED });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER INDEX ${SEARCHED} RESET (gin_pending_list_limit)`);
    await runner.query(`DROP TABLE ${TABLE}, ${PUBLICATIONS}`);
  }
}

export const arrivingAddressesMigrations: readonly Migration[] = [ArrivingAddresses1795422000000];
