import { tenantTable } from '@libs/persistence';

/** One row per recipient and amount. An instruction of the file becomes a payment in DRAFT when it is published. */
export const paymentTables: readonly string[] = [
  `CREATE TABLE disbursements.payments (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     type text NOT NULL CHECK (type IN ('DISBURSEMENT', 'DIRECT')),
     disbursement_id uuid,
     upload_id uuid,
     receiver_id uuid NOT NULL,
     receiver_wallet_id uuid NOT NULL,
     asset_id uuid NOT NULL,
     -- In stroops.
     amount bigint NOT NULL CHECK (amount > 0),
     status text NOT NULL DEFAULT 'DRAFT'
       CHECK (status IN ('DRAFT', 'READY', 'PENDING', 'PAUSED', 'SUCCESS', 'FAILED', 'CANCELED')),
     status_history jsonb NOT NULL DEFAULT '[]',
     -- The number of the last dispatch to submission; 0 before the first.
     dispatch integer NOT NULL DEFAULT 0 CHECK (dispatch >= 0),
     dispatched_at timestamptz,
     external_payment_id text CHECK (char_length(external_payment_id) <= 64),
     stellar_transaction_id text,
     stellar_operation_id text,
     sender_address text,
     status_message text,
     disputed boolean NOT NULL DEFAULT false,
     dispute jsonb,
     cancel_requested_at timestamptz,
     created_at timestamptz NOT NULL DEFAULT now(),
     updated_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, id),
     FOREIGN KEY (tenant_id, disbursement_id) REFERENCES disbursements.disbursements (tenant_id, id) ON DELETE CASCADE,
     CHECK ((type = 'DISBURSEMENT') = (disbursement_id IS NOT NULL)),
     CHECK (status <> 'SUCCESS' OR stellar_transaction_id IS NOT NULL)) WITH (fillfactor = 75)`,
  `CREATE INDEX payments_disbursement ON disbursements.payments (tenant_id, disbursement_id, status, id)`,
  `CREATE INDEX payments_receiver ON disbursements.payments (tenant_id, receiver_id)`,
  `CREATE INDEX payments_receiver_wallet ON disbursements.payments (tenant_id, receiver_wallet_id, status)`,
  // Work that waits: both shrink as it is done, so neither grows with history.
  `CREATE INDEX payments_ready ON disbursements.payments (tenant_id, id) WHERE status = 'READY'`,
  `CREATE INDEX payments_pending ON disbursements.payments (tenant_id, dispatched_at) WHERE status = 'PENDING'`,
  `CREATE INDEX payments_cancel_requested ON disbursements.payments (tenant_id, id)
     WHERE status = 'PENDING' AND cancel_requested_at IS NOT NULL`,
  `CREATE INDEX payments_updated ON disbursements.payments (tenant_id, updated_at, id)`,
  ...tenantTable(
    'disbursements.payments',
    {
      dashboardApi: 'select, insert, update, delete',
      recipientApi: 'select',
      disbursementCore: 'select, update',
      messaging: 'select',
    },
    ['disbursementCore'],
  ),
];
