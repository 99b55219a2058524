import { type Migration, schemaFor, systemTable, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

import { paymentListsMigrations } from './payment-lists.migration';
import { paymentTables } from './payment-tables';

/** One count and one sum per status of the payments, kept in the same database transaction as each move. */
const STATUSES = ['draft', 'ready', 'pending', 'paused', 'success', 'failed', 'canceled'];
const COUNTERS = STATUSES.flatMap((status) => [
  `count_${status} integer NOT NULL DEFAULT 0 CHECK (count_${status} >= 0)`,
  `amount_${status} bigint NOT NULL DEFAULT 0 CHECK (amount_${status} >= 0)`,
]).join(',\n         ');

class Disbursements1763700400000 implements MigrationInterface {
  readonly name = 'Disbursements1763700400000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      ...schemaFor('disbursements'),
      `CREATE TABLE disbursements.disbursements (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 128),
         asset_id uuid NOT NULL,
         wallet_id uuid NOT NULL,
         status text NOT NULL DEFAULT 'DRAFT' CHECK (status IN ('DRAFT', 'READY', 'STARTED', 'PAUSED', 'COMPLETED')),
         status_history jsonb NOT NULL DEFAULT '[]',
         registration_contact_type text NOT NULL
           CHECK (registration_contact_type IN ('EMAIL', 'PHONE_NUMBER', 'EMAIL_AND_WALLET_ADDRESS', 'PHONE_NUMBER_AND_WALLET_ADDRESS')),
         verification_field text CHECK (verification_field IN ('DATE_OF_BIRTH', 'YEAR_MONTH', 'PIN', 'NATIONAL_ID_NUMBER')),
         receiver_registration_message_template text NOT NULL DEFAULT '',
         -- Which upload the payments belong to: the pointer that flips last.
         current_upload_id uuid,
         file_name text,
         -- W3C traceparent of the request that uploaded the file: what follows from it, to the last payment, is one trace.
         trace text NOT NULL DEFAULT '',
         created_by uuid,
         started_by uuid,
         -- Raised by each start, pause and resume, so that work for an older goal stops.
         goal_version integer NOT NULL DEFAULT 0,
         ${COUNTERS},
         open integer GENERATED ALWAYS AS (count_draft + count_ready + count_pending + count_paused) STORED,
         created_at timestamptz NOT NULL DEFAULT now(),
         updated_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, id),
         UNIQUE (tenant_id, name)) WITH (fillfactor = 50)`,
      `CREATE INDEX disbursements_created ON disbursements.disbursements (tenant_id, created_at, id)`,
      ...tenantTable('disbursements.disbursements', {
        dashboardApi: 'select, insert, update, delete',
        recipientApi: 'select',
        disbursementCore: 'select, update',
        messaging: 'select',
      }),
      `CREATE TABLE disbursements.uploads (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         disbursement_id uuid NOT NULL,
         file_name text NOT NULL CHECK (char_length(file_name) <= 255),
         -- gzip, then encrypted: the exact bytes come back from it.
         content bytea NOT NULL,
         size_bytes bigint NOT NULL,
         row_count integer NOT NULL,
         total_amount bigint NOT NULL,
         uploaded_by uuid,
         created_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, disbursement_id) REFERENCES disbursements.disbursements (tenant_id, id) ON DELETE CASCADE)`,
      `CREATE INDEX uploads_disbursement ON disbursements.uploads (tenant_id, disbursement_id)`,
      ...tenantTable('disbursements.uploads', { dashboardApi: 'select, insert, delete' }),
      // What core still has to do for a disbursement. A newer version replaces an older one.
      `CREATE TABLE disbursements.work_items (
         tenant_id uuid NOT NULL,
         disbursement_id uuid NOT NULL,
         goal text NOT NULL CHECK (goal IN ('release', 'pause', 'resume')),
         version integer NOT NULL,
         cursor uuid,
         created_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, disbursement_id),
         FOREIGN KEY (tenant_id, disbursement_id) REFERENCES disbursements.disbursements (tenant_id, id) ON DELETE CASCADE)`,
      ...tenantTable(
        'disbursements.work_items',
        {
          dashboardApi: 'select, insert, update, delete',
          disbursementCore: 'select, insert, update, delete',
        },
        ['disbursementCore'],
      ),
      // Per account and asset, not per tenant: tenants may share the host account. Both counters only grow.
      `CREATE TABLE disbursements.fund_reservations (
         account text NOT NULL,
         asset_code text NOT NULL,
         asset_issuer text NOT NULL,
         reserved numeric(38, 0) NOT NULL DEFAULT 0 CHECK (reserved >= released),
         released numeric(38, 0) NOT NULL DEFAULT 0,
         released_ledger bigint NOT NULL DEFAULT 0,
         PRIMARY KEY (account, asset_code, asset_issuer)) WITH (fillfactor = 50)`,
      ...systemTable('disbursements.fund_reservations', {
        dashboardApi: 'select, insert, update',
        disbursementCore: 'select, insert, update',
      }),
      ...paymentTables,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA disbursements CASCADE');
  }
}

export const disbursementsMigrations: readonly Migration[] = [
  Disbursements1763700400000,
  ...paymentListsMigrations,
];
