import { type Migration, schemaFor, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const STAFF_API = { dashboardApi: 'select, insert, update, delete' } as const;

class Identity1763700250000 implements MigrationInterface {
  readonly name = 'Identity1763700250000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      ...schemaFor('identity'),
      // E-mail addresses are stored trimmed and in lower case, so that "=" finds them.
      `CREATE TABLE identity.users (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         email text NOT NULL CHECK (email = lower(email) AND char_length(email) BETWEEN 3 AND 254),
         first_name text NOT NULL CHECK (char_length(first_name) BETWEEN 1 AND 128),
         last_name text NOT NULL CHECK (char_length(last_name) BETWEEN 1 AND 128),
         -- Null until the person sets one: nobody can sign in with a password that nobody knows.
         password_hash text,
         is_owner boolean NOT NULL DEFAULT false,
         is_active boolean NOT NULL DEFAULT true,
         roles text[] NOT NULL
           CHECK (roles <@ ARRAY['owner', 'financial_controller', 'developer', 'business', 'initiator', 'approver']),
         created_at timestamptz NOT NULL DEFAULT now(),
         updated_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, id),
         UNIQUE (tenant_id, email))`,
      ...tenantTable('identity.users', STAFF_API),
      // A token names its session; a session that ended takes its tokens with it at once.
      `CREATE TABLE identity.sessions (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         user_id uuid NOT NULL,
         created_at timestamptz NOT NULL DEFAULT now(),
         expires_at timestamptz NOT NULL,
         ended_at timestamptz,
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, user_id) REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE)`,
      `CREATE INDEX sessions_user ON identity.sessions (tenant_id, user_id)`,
      `CREATE INDEX sessions_expiry ON identity.sessions (tenant_id, expires_at)`,
      ...tenantTable('identity.sessions', STAFF_API),
      // One link per person: a new request replaces the old one.
      `CREATE TABLE identity.password_resets (
         tenant_id uuid NOT NULL,
         user_id uuid NOT NULL,
         token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
         expires_at timestamptz NOT NULL,
         created_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, user_id),
         UNIQUE (tenant_id, token_hash),
         FOREIGN KEY (tenant_id, user_id) REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE)`,
      ...tenantTable('identity.password_resets', STAFF_API),
      // One code per person and device: five tries, five minutes.
      `CREATE TABLE identity.mfa_codes (
         tenant_id uuid NOT NULL,
         device_hash bytea NOT NULL CHECK (octet_length(device_hash) = 32),
         user_id uuid NOT NULL,
         code_hmac bytea CHECK (octet_length(code_hmac) = 32),
         expires_at timestamptz NOT NULL,
         tries integer NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
         remembered_until timestamptz,
         created_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, device_hash, user_id),
         FOREIGN KEY (tenant_id, user_id) REFERENCES identity.users (tenant_id, id) ON DELETE CASCADE)`,
      ...tenantTable('identity.mfa_codes', STAFF_API),
      // Failed sign-ins per account and per address, as hashes: each failure makes the next try wait longer.
      `CREATE TABLE identity.login_failures (
         tenant_id uuid NOT NULL,
         subject_hash bytea NOT NULL CHECK (octet_length(subject_hash) = 32),
         failures integer NOT NULL CHECK (failures > 0),
         last_failure_at timestamptz NOT NULL,
         blocked_until timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, subject_hash))`,
      `CREATE INDEX login_failures_age ON identity.login_failures (tenant_id, last_failure_at)`,
      ...tenantTable('identity.login_failures', STAFF_API),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA identity CASCADE');
  }
}

export const identityMigrations: readonly Migration[] = [Identity1763700250000];
