import { type Migration, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const STAFF_API = { dashboardApi: 'select, insert, update, delete' } as const;
const OF_A_USER = `FOREIGN KEY (tenant_id, user_id) REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE`;

/** Authenticator apps, passkeys and recovery codes, beside the code by mail. */
class SecondFactor1795274821000 implements MigrationInterface {
  readonly name = 'SecondFactor1795274821000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      // A row is a sign-in that waits on a device for any second factor; a code by mail is only one of them.
      `ALTER TABLE identity.mfa_codes ADD COLUMN is_waiting boolean NOT NULL DEFAULT false`,
      `UPDATE identity.mfa_codes SET is_waiting = true WHERE code_hmac IS NOT NULL`,
      `CREATE TABLE identity.totp_secrets (
         tenant_id uuid NOT NULL,
         user_id uuid NOT NULL,
         secret_sealed bytea NOT NULL,
         -- Null until the person has shown one code of it.
         confirmed_at timestamptz,
         -- The newest time step of which a code was used: each works once.
         last_step bigint NOT NULL DEFAULT 0,
         created_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, user_id),
         ${OF_A_USER})`,
      ...tenantTable('identity.totp_secrets', STAFF_API),
      `CREATE TABLE identity.recovery_codes (
         tenant_id uuid NOT NULL,
         user_id uuid NOT NULL,
         code_hmac bytea NOT NULL CHECK (octet_length(code_hmac) = 32),
         used_at timestamptz,
         PRIMARY KEY (tenant_id, user_id, code_hmac),
         ${OF_A_USER})`,
      ...tenantTable('identity.recovery_codes', STAFF_API),
      `CREATE TABLE identity.passkeys (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         user_id uuid NOT NULL,
         credential_id text NOT NULL CHECK (char_length(credential_id) BETWEEN 1 AND 2048),
         name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 128),
         public_key bytea NOT NULL,
         counter bigint NOT NULL DEFAULT 0,
         transports text[] NOT NULL DEFAULT '{}',
         created_at timestamptz NOT NULL DEFAULT now(),
         last_used_at timestamptz,
         PRIMARY KEY (tenant_id, id),
         UNIQUE (tenant_id, credential_id),
         ${OF_A_USER})`,
      `CREATE INDEX passkeys_user ON identity.passkeys (tenant_id, user_id)`,
      ...tenantTable('identity.passkeys', STAFF_API),
      // One question per person and purpose: a new one replaces the old one.
      `CREATE TABLE identity.passkey_challenges (
         tenant_id uuid NOT NULL,
         user_id uuid NOT NULL,
         purpose text NOT NULL CHECK (purpose IN ('registration', 'proof')),
         challenge text NOT NULL,
         expires_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, user_id, purpose),
         ${OF_A_USER})`,
      ...tenantTable('identity.passkey_challenges', STAFF_API),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE identity.passkey_challenges, identity.passkeys, identity.recovery_codes, identity.totp_secrets',
    );
    await runner.query('ALTER TABLE identity.mfa_codes DROP COLUMN is_waiting');
  }
}

export const secondFactorMigrations: readonly Migration[] = [SecondFactor1795274821000];
