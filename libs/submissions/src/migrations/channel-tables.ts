import { systemTable, tenantTable } from '@libs/persistence';

/** Who discards an unsent attempt also frees the channel account that it had. */
const FREES = 'select, update (live_attempt, live_tenant, updated_at)';

export const channelTables: readonly string[] = [
  // One row per running instance of transaction-submission.
  `CREATE TABLE submissions.instances (
     id uuid PRIMARY KEY,
     -- The application_name of its database sessions, to end them when it is taken over.
     sessions_name text NOT NULL,
     started_at timestamptz NOT NULL DEFAULT now(),
     heartbeat_at timestamptz NOT NULL DEFAULT now())`,
  ...systemTable('submissions.instances', { transactionSubmission: 'select, insert, update, delete' }),
  `CREATE TABLE submissions.channel_accounts (
     address text PRIMARY KEY CHECK (address ~ '^G[A-Z2-7]{55}$'),
     status text NOT NULL DEFAULT 'FREE' CHECK (status IN ('FREE', 'LEASED', 'DRAINING', 'RETIRED')),
     status_history jsonb NOT NULL DEFAULT '[]',
     on_ledger boolean NOT NULL DEFAULT false,
     owner uuid,
     -- Raised whenever the owner changes: what an old owner still writes matches nothing.
     epoch bigint NOT NULL DEFAULT 0,
     -- The highest sequence number that a ledger is known to have used.
     sequence bigint,
     live_tenant uuid,
     live_attempt uuid UNIQUE,
     created_at timestamptz NOT NULL DEFAULT now(),
     updated_at timestamptz NOT NULL DEFAULT now(),
     CHECK ((live_attempt IS NULL) = (live_tenant IS NULL)),
     CHECK ((status = 'LEASED') = (owner IS NOT NULL) OR status IN ('DRAINING', 'RETIRED')),
     CHECK (status <> 'RETIRED' OR live_attempt IS NULL)) WITH (fillfactor = 70)`,
  ...systemTable('submissions.channel_accounts', {
    dashboardApi: FREES,
    disbursementCore: FREES,
    transactionSubmission: 'select, insert, update',
  }),
  // Secret seeds, sealed with AES-256-GCM and bound to tenant, account and purpose. '-' is nobody's tenant.
  `CREATE TABLE submissions.vault (
     account text PRIMARY KEY CHECK (account ~ '^G[A-Z2-7]{55}$'),
     tenant text NOT NULL,
     purpose text NOT NULL CHECK (purpose IN ('channel', 'distribution')),
     sealed bytea NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now())`,
  ...systemTable('submissions.vault', { transactionSubmission: 'select, insert' }),
  // A hold on everything, for all tenants.
  `CREATE TABLE submissions.global_holds (
     reason text PRIMARY KEY CHECK (char_length(reason) BETWEEN 1 AND 100),
     actor text NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now())`,
  ...systemTable('submissions.global_holds', {
    dashboardApi: 'select, insert, delete',
    disbursementCore: 'select',
    transactionSubmission: 'select, insert, delete',
  }),
  // What a tenant's ledger account is to become; done outside of the event's own database transaction.
  `CREATE TABLE submissions.account_requests (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     action text NOT NULL CHECK (action IN ('create-account', 'trust-asset', 'remove-asset')),
     asset_code text,
     asset_issuer text,
     tries integer NOT NULL DEFAULT 0,
     next_try_at timestamptz NOT NULL DEFAULT now(),
     -- Absent while it is not done.
     outcome text CHECK (outcome IN ('done', 'refused')),
     reason text CHECK (char_length(reason) <= 200),
     account text,
     created_at timestamptz NOT NULL DEFAULT now(),
     ended_at timestamptz,
     PRIMARY KEY (tenant_id, id),
     CHECK ((ended_at IS NULL) = (outcome IS NULL)))`,
  `CREATE INDEX account_requests_open ON submissions.account_requests (tenant_id, next_try_at) WHERE outcome IS NULL`,
  ...tenantTable(
    'submissions.account_requests',
    { dashboardApi: 'select', transactionSubmission: 'select, insert, update' },
    ['transactionSubmission'],
  ),
];
