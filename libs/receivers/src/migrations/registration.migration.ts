import { type Migration, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

class Registration1763700650000 implements MigrationInterface {
  readonly name = 'Registration1763700650000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      // Those who still have to register: shrinks as they do.
      `CREATE INDEX receiver_wallets_ready ON receivers.receiver_wallets (tenant_id, id) WHERE status = 'READY'`,
      // How many codes were sent in the present hour: a stranger must not make us send a hundred SMS to somebody.
      `ALTER TABLE receivers.one_time_codes ADD COLUMN window_codes integer NOT NULL DEFAULT 0`,
      // What a contact that nobody knows has asked for and tried. It is counted exactly as for a known contact, so
      // that the answers do not tell who is known.
      `CREATE TABLE receivers.unknown_contact_codes (
         tenant_id uuid NOT NULL,
         contact_hmac bytea NOT NULL CHECK (octet_length(contact_hmac) = 32),
         created_at timestamptz NOT NULL,
         expires_at timestamptz NOT NULL,
         tries integer NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
         window_started_at timestamptz NOT NULL,
         window_tries integer NOT NULL DEFAULT 0 CHECK (window_tries BETWEEN 0 AND 15),
         window_codes integer NOT NULL DEFAULT 0,
         PRIMARY KEY (tenant_id, contact_hmac)) WITH (fillfactor = 70)`,
      `CREATE INDEX unknown_contact_codes_age ON receivers.unknown_contact_codes (tenant_id, window_started_at)`,
      ...tenantTable('receivers.unknown_contact_codes', { recipientApi: 'select, insert, update, delete' }),
      `CREATE INDEX registration_attempts_age ON receivers.registration_attempts (tenant_id, attempted_at)`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX receivers.registration_attempts_age');
    await runner.query('DROP TABLE receivers.unknown_contact_codes');
    await runner.query('ALTER TABLE receivers.one_time_codes DROP COLUMN window_codes');
    await runner.query('DROP INDEX receivers.receiver_wallets_ready');
  }
}

export const registrationMigrations: readonly Migration[] = [Registration1763700650000];
