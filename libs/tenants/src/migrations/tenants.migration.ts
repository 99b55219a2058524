import { type Migration, schemaFor, systemTable, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const READ_BY_ALL = {
  dashboardApi: 'select',
  recipientApi: 'select',
  disbursementCore: 'select',
  messaging: 'select',
  transactionSubmission: 'select',
} as const;

class Tenants1763700100000 implements MigrationInterface {
  readonly name = 'Tenants1763700100000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      ...schemaFor('tenants'),
      `CREATE TABLE tenants.tenants (
         id uuid PRIMARY KEY,
         name text NOT NULL CHECK (name ~ '^[a-z][a-z-]{0,62}$'),
         base_url text NOT NULL,
         sdp_ui_base_url text NOT NULL,
         status text NOT NULL DEFAULT 'CREATED' CHECK (status IN ('CREATED', 'PROVISIONED', 'ACTIVATED', 'DEACTIVATED')),
         status_history jsonb NOT NULL DEFAULT '[]',
         is_default boolean NOT NULL DEFAULT false,
         distribution_account_address text CHECK (distribution_account_address ~ '^G[A-Z2-7]{55}$'),
         distribution_account_type text NOT NULL
           CHECK (distribution_account_type IN ('DISTRIBUTION_ACCOUNT.STELLAR.ENV', 'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT', 'DISTRIBUTION_ACCOUNT.CIRCLE.DB_VAULT')),
         distribution_account_status text NOT NULL DEFAULT 'ACTIVE' CHECK (distribution_account_status IN ('ACTIVE', 'PENDING_USER_ACTIVATION')),
         created_at timestamptz NOT NULL DEFAULT now(),
         updated_at timestamptz NOT NULL DEFAULT now(),
         deleted_at timestamptz)`,
      `CREATE UNIQUE INDEX tenants_name ON tenants.tenants (name)`,
      `CREATE UNIQUE INDEX tenants_default ON tenants.tenants (is_default) WHERE is_default`,
      ...systemTable('tenants.tenants', { ...READ_BY_ALL, dashboardApi: 'select, insert, update' }),
      `CREATE TABLE tenants.organizations (
         tenant_id uuid PRIMARY KEY REFERENCES tenants.tenants (id),
         name text NOT NULL CHECK (char_length(name) BETWEEN 2 AND 64),
         logo bytea,
         logo_type text,
         timezone_utc_offset text NOT NULL DEFAULT '+00:00' CHECK (timezone_utc_offset ~ '^[+-][0-9]{2}:[0-9]{2}$'),
         receiver_registration_message_template text NOT NULL
           DEFAULT 'You have a payment waiting for you from the {{.OrganizationName}}. Click {{.RegistrationLink}} to register.'
           CHECK (char_length(receiver_registration_message_template) <= 255),
         otp_message_template text NOT NULL DEFAULT '{{.OTP}} is your {{.OrganizationName}} verification code.' CHECK (char_length(otp_message_template) <= 255),
         privacy_policy_link text,
         is_approval_required boolean NOT NULL DEFAULT false,
         is_link_shortener_enabled boolean NOT NULL DEFAULT true,
         is_memo_tracing_enabled boolean NOT NULL DEFAULT true,
         receiver_invitation_resend_interval_days integer CHECK (receiver_invitation_resend_interval_days > 0),
         payment_cancellation_period_days integer CHECK (payment_cancellation_period_days > 0),
         message_channel_priority text[] NOT NULL DEFAULT '{SMS,EMAIL}',
         mfa_disabled boolean,
         captcha_disabled boolean,
         receiver_invitations_disabled boolean,
         upload_rows_max integer NOT NULL DEFAULT 1000000 CHECK (upload_rows_max BETWEEN 1 AND 10000000),
         upload_bytes_max bigint NOT NULL DEFAULT 200000000 CHECK (upload_bytes_max BETWEEN 1 AND 2000000000),
         created_at timestamptz NOT NULL DEFAULT now(),
         updated_at timestamptz NOT NULL DEFAULT now())`,
      ...tenantTable('tenants.organizations', { ...READ_BY_ALL, dashboardApi: 'select, insert, update' }),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA tenants CASCADE');
  }
}

export const tenantsMigrations: readonly Migration[] = [Tenants1763700100000];
