import { type Migration, schemaFor, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

import { receiverListsMigrations } from './receiver-lists.migration';
import { registrationTables } from './registration-tables';

class Receivers1763700300000 implements MigrationInterface {
  readonly name = 'Receivers1763700300000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      ...schemaFor('receivers'),
      // Contacts are stored normalised (trimmed, e-mail in lower case), so that "=" finds them through an index.
      `CREATE TABLE receivers.receivers (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         phone_number text CHECK (phone_number ~ '^\\+[1-9][0-9]{9,14}$'),
         email text CHECK (email = lower(email) AND char_length(email) <= 254),
         external_id text NOT NULL CHECK (char_length(external_id) BETWEEN 1 AND 64),
         created_at timestamptz NOT NULL DEFAULT now(),
         updated_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, id),
         UNIQUE (tenant_id, phone_number),
         UNIQUE (tenant_id, email),
         CHECK (phone_number IS NOT NULL OR email IS NOT NULL))`,
      ...tenantTable('receivers.receivers', {
        dashboardApi: 'select, insert, update, delete',
        recipientApi: 'select',
        disbursementCore: 'select',
        messaging: 'select',
      }),
      `CREATE TABLE receivers.receiver_wallets (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         receiver_id uuid NOT NULL,
         wallet_id uuid NOT NULL,
         status text NOT NULL DEFAULT 'DRAFT' CHECK (status IN ('DRAFT', 'READY', 'REGISTERED', 'FLAGGED')),
         status_history jsonb NOT NULL DEFAULT '[]',
         stellar_address text CHECK (stellar_address ~ '^G[A-Z2-7]{55}$'),
         stellar_memo text,
         stellar_memo_type text CHECK (stellar_memo_type IN ('text', 'id', 'hash', 'return')),
         otp_confirmed_at timestamptz,
         otp_confirmed_with text,
         deposit_id uuid,
         invited_at timestamptz,
         last_message_sent_at timestamptz,
         invitation_sent_at timestamptz,
         created_at timestamptz NOT NULL DEFAULT now(),
         updated_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, id),
         UNIQUE (tenant_id, receiver_id, wallet_id),
         FOREIGN KEY (tenant_id, receiver_id) REFERENCES receivers.receivers (tenant_id, id),
         CHECK (status <> 'REGISTERED' OR stellar_address IS NOT NULL)) WITH (fillfactor = 80)`,
      `CREATE INDEX receiver_wallets_address ON receivers.receiver_wallets (tenant_id, stellar_address) WHERE stellar_address IS NOT NULL`,
      ...tenantTable('receivers.receiver_wallets', {
        dashboardApi: 'select, insert, update, delete',
        recipientApi: 'select, update',
        disbursementCore: 'select, insert, update',
        messaging: 'select, update (invited_at, last_message_sent_at, invitation_sent_at, updated_at)',
      }),
      // An address belongs to one receiver, who may use it at several wallet providers.
      `CREATE TABLE receivers.address_owners (
         tenant_id uuid NOT NULL,
         stellar_address text NOT NULL,
         receiver_id uuid NOT NULL,
         PRIMARY KEY (tenant_id, stellar_address),
         FOREIGN KEY (tenant_id, receiver_id) REFERENCES receivers.receivers (tenant_id, id))`,
      `CREATE INDEX address_owners_receiver ON receivers.address_owners (tenant_id, receiver_id)`,
      ...tenantTable('receivers.address_owners', {
        dashboardApi: 'select, insert, update, delete',
        recipientApi: 'select, insert, delete',
      }),
      // The value itself is never stored: HMAC-SHA-256 under a pepper that is not in the database.
      `CREATE TABLE receivers.verifications (
         tenant_id uuid NOT NULL,
         receiver_id uuid NOT NULL,
         verification_field text NOT NULL CHECK (verification_field IN ('DATE_OF_BIRTH', 'YEAR_MONTH', 'PIN', 'NATIONAL_ID_NUMBER')),
         value_hmac bytea NOT NULL CHECK (octet_length(value_hmac) = 32),
         attempts integer NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 15),
         confirmed_at timestamptz,
         confirmed_by_type text CHECK (confirmed_by_type IN ('RECEIVER', 'USER')),
         confirmed_by_id text,
         verification_channel text CHECK (verification_channel IN ('SMS', 'EMAIL')),
         failed_at timestamptz,
         created_at timestamptz NOT NULL DEFAULT now(),
         updated_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, receiver_id, verification_field),
         FOREIGN KEY (tenant_id, receiver_id) REFERENCES receivers.receivers (tenant_id, id))`,
      ...tenantTable('receivers.verifications', {
        dashboardApi: 'select, insert, update, delete',
        recipientApi: 'select, update',
      }),
      ...registrationTables,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA receivers CASCADE');
  }
}

export const receiversMigrations: readonly Migration[] = [Receivers1763700300000, ...receiverListsMigrations];
