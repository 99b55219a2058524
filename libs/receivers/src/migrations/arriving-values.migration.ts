import { type Migration, OFTEN_VACUUMED, setVacuum, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLE = 'receivers.arriving_verifications';

/** A file replaces the verification values of any number of known people in one moment, without locking them. */
class ArrivingValues1795342440000 implements MigrationInterface {
  readonly name = 'ArrivingValues1795342440000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      // Values that count from the publication of their upload on, and are folded into verifications after it.
      `CREATE TABLE ${TABLE} (
         tenant_id uuid NOT NULL,
         upload_id uuid NOT NULL,
         receiver_id uuid NOT NULL,
         verification_field text NOT NULL CHECK (verification_field IN ('DATE_OF_BIRTH', 'YEAR_MONTH', 'PIN', 'NATIONAL_ID_NUMBER')),
         -- Bound to the person, as in verifications.
         value_hmac bytea NOT NULL CHECK (octet_length(value_hmac) = 32),
         PRIMARY KEY (tenant_id, upload_id, receiver_id))`,
      `CREATE INDEX arriving_verifications_receiver ON ${TABLE} (tenant_id, receiver_id)`,
      ...tenantTable(TABLE, { dashboardApi: 'select, insert, delete', recipientApi: 'select, delete' }),
    ];
    for (const statement of statements) await runner.query(statement);
    await setVacuum(runner, { [TABLE]: OFTEN_VACUUMED });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${TABLE}`);
  }
}

export const arrivingValuesMigrations: readonly Migration[] = [ArrivingValues1795342440000];
