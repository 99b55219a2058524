import { tenantTable } from '@libs/persistence';

/** What a person's way from the invitation to a registered wallet leaves behind. */
export const registrationTables: readonly string[] = [
  // Five tries per code and fifteen per hour and receiver wallet, counted under a row lock.
  `CREATE TABLE receivers.one_time_codes (
     tenant_id uuid NOT NULL,
     receiver_wallet_id uuid NOT NULL,
     code_hmac bytea NOT NULL CHECK (octet_length(code_hmac) = 32),
     created_at timestamptz NOT NULL,
     expires_at timestamptz NOT NULL,
     tries integer NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
     window_started_at timestamptz NOT NULL,
     window_tries integer NOT NULL DEFAULT 0 CHECK (window_tries BETWEEN 0 AND 15),
     PRIMARY KEY (tenant_id, receiver_wallet_id),
     FOREIGN KEY (tenant_id, receiver_wallet_id) REFERENCES receivers.receiver_wallets (tenant_id, id) ON DELETE CASCADE)
     WITH (fillfactor = 70)`,
  ...tenantTable('receivers.one_time_codes', {
    dashboardApi: 'select, delete',
    recipientApi: 'select, insert, update, delete',
  }),
  // A contact that nobody knows, kept as HMAC: enough to count and to answer support, not to read.
  `CREATE TABLE receivers.registration_attempts (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     contact_hmac bytea NOT NULL,
     client_domain text NOT NULL,
     deposit_id uuid,
     stellar_address text NOT NULL,
     stellar_memo text,
     attempted_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, id))`,
  ...tenantTable('receivers.registration_attempts', {
    dashboardApi: 'select',
    recipientApi: 'select, insert',
  }),
  // SEP-24 deposits: what a wallet started, and which receiver wallet it led to.
  `CREATE TABLE receivers.deposits (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     stellar_address text NOT NULL CHECK (stellar_address ~ '^G[A-Z2-7]{55}$'),
     stellar_memo text,
     client_domain text NOT NULL,
     asset_code text NOT NULL,
     asset_issuer text NOT NULL,
     lang text NOT NULL DEFAULT 'en',
     receiver_wallet_id uuid,
     started_at timestamptz NOT NULL DEFAULT now(),
     registered_at timestamptz,
     PRIMARY KEY (tenant_id, id))`,
  `CREATE INDEX deposits_address ON receivers.deposits (tenant_id, stellar_address)`,
  ...tenantTable('receivers.deposits', {
    dashboardApi: 'select, update, delete',
    recipientApi: 'select, insert, update, delete',
  }),
  // A SEP-10 nonce works once: the token request deletes it.
  `CREATE TABLE receivers.web_auth_nonces (
     tenant_id uuid NOT NULL,
     nonce text NOT NULL,
     expires_at timestamptz NOT NULL,
     PRIMARY KEY (tenant_id, nonce))`,
  `CREATE INDEX web_auth_nonces_expiry ON receivers.web_auth_nonces (tenant_id, expires_at)`,
  ...tenantTable('receivers.web_auth_nonces', { recipientApi: 'select, insert, delete' }),
];
