import { tenantTable } from '@libs/persistence';

/** Holds and withdrawals are written by the apps that staff and recipients talk to, in their own database transactions. */
const HELD_BY = { dashboardApi: 'select', recipientApi: 'select', disbursementCore: 'select' } as const;

export const submissionTables: readonly string[] = [
  `CREATE TABLE submissions.submissions (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     payment_id uuid NOT NULL,
     dispatch integer NOT NULL CHECK (dispatch > 0),
     disbursement_id uuid,
     -- What to pay. Absent only where a dispatch was withdrawn before its event arrived.
     receiver_wallet_id uuid,
     asset_id uuid,
     asset_code text,
     asset_issuer text,
     -- In stroops.
     amount bigint,
     destination text,
     memo_type text CHECK (memo_type IN ('text', 'id', 'hash', 'return')),
     memo_value text,
     status text NOT NULL CHECK (status IN ('QUEUED', 'SIGNED', 'UNKNOWN', 'SUCCESS', 'ERROR', 'WITHDRAWN')),
     status_history jsonb NOT NULL DEFAULT '[]',
     -- Not to be signed before; moved on when a cause needs time to pass.
     ready_at timestamptz NOT NULL DEFAULT now(),
     claimed_by uuid,
     claimed_until timestamptz,
     -- Failures of its own operation in a closed ledger: only these count towards the bound.
     own_failures integer NOT NULL DEFAULT 0,
     -- Ledger transactions shared with others that failed, and the most payments that the next one may hold.
     group_failures integer NOT NULL DEFAULT 0,
     group_max integer CHECK (group_max > 0),
     reason_code text CHECK (char_length(reason_code) <= 64),
     attempt_id uuid,
     operation_id text,
     trace text NOT NULL DEFAULT '',
     created_at timestamptz NOT NULL DEFAULT now(),
     updated_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, id),
     UNIQUE (tenant_id, payment_id, dispatch),
     CHECK (status IN ('WITHDRAWN', 'ERROR') OR
       (receiver_wallet_id IS NOT NULL AND asset_code IS NOT NULL AND asset_issuer IS NOT NULL
         AND amount IS NOT NULL AND destination IS NOT NULL)),
     CHECK ((memo_type IS NULL) = (memo_value IS NULL))) WITH (fillfactor = 70)`,
  // Work that waits, and work that is on its way: both shrink as it is done.
  `CREATE INDEX submissions_queued ON submissions.submissions (tenant_id, ready_at, id) WHERE status = 'QUEUED'`,
  `CREATE INDEX submissions_disbursement ON submissions.submissions (tenant_id, disbursement_id)
     WHERE status IN ('QUEUED', 'SIGNED', 'UNKNOWN')`,
  `CREATE INDEX submissions_receiver_wallet ON submissions.submissions (tenant_id, receiver_wallet_id)
     WHERE status IN ('QUEUED', 'SIGNED', 'UNKNOWN')`,
  `CREATE INDEX submissions_in_flight ON submissions.submissions (tenant_id, id) WHERE status IN ('SIGNED', 'UNKNOWN')`,
  ...tenantTable(
    'submissions.submissions',
    {
      dashboardApi: 'select, insert, update',
      recipientApi: 'select',
      disbursementCore: 'select, insert, update',
      transactionSubmission: 'select, insert, update',
    },
    ['transactionSubmission'],
  ),
  `CREATE TABLE submissions.attempts (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     -- The hash of the inner ledger transaction.
     reference text NOT NULL CHECK (reference ~ '^[0-9a-f]{64}$'),
     channel_account text NOT NULL,
     channel_epoch bigint NOT NULL,
     sequence bigint NOT NULL,
     distribution_account text NOT NULL,
     operations integer NOT NULL CHECK (operations BETWEEN 1 AND 100),
     max_time timestamptz NOT NULL,
     last_ledger bigint NOT NULL,
     last_ledger_hash text NOT NULL,
     status text NOT NULL
       CHECK (status IN ('STORED', 'SENT', 'LOST', 'APPLIED', 'FAILED', 'EXPIRED', 'SUPERSEDED', 'DISCARDED')),
     status_history jsonb NOT NULL DEFAULT '[]',
     fee_rate bigint NOT NULL,
     sends integer NOT NULL DEFAULT 0,
     -- The newest ledger when it was sent last.
     sent_at_ledger bigint,
     -- What the node said last, and what follows from it; absent while nothing was heard.
     answer text CHECK (answer IN ('accepted', 'resend', 'bump', 'supersede', 'expire', 'ours', 'silent')),
     refusal_code text CHECK (char_length(refusal_code) <= 64),
     -- The first refusal that will not pass by waiting: it decides what an end without inclusion means.
     cause_code text CHECK (char_length(cause_code) <= 64),
     cause_operations text[],
     fee_needed bigint,
     contradicted_at timestamptz,
     proof jsonb,
     created_at timestamptz NOT NULL DEFAULT now(),
     updated_at timestamptz NOT NULL DEFAULT now(),
     ended_at timestamptz,
     PRIMARY KEY (tenant_id, id),
     UNIQUE (tenant_id, reference),
     CHECK ((ended_at IS NULL) = (status IN ('STORED', 'SENT', 'LOST')))) WITH (fillfactor = 70)`,
  `CREATE INDEX attempts_ended ON submissions.attempts (tenant_id, ended_at) WHERE ended_at IS NOT NULL`,
  ...tenantTable('submissions.attempts', {
    ...HELD_BY,
    dashboardApi: 'select, update (status, status_history, ended_at, updated_at)',
    disbursementCore: 'select, update (status, status_history, ended_at, updated_at)',
    transactionSubmission: 'select, insert, update',
  }),
  // Every envelope that was ever signed. Nobody may change or delete one.
  `CREATE TABLE submissions.envelopes (
     tenant_id uuid NOT NULL,
     attempt_id uuid NOT NULL,
     number integer NOT NULL CHECK (number > 0),
     kind text NOT NULL CHECK (kind IN ('first', 'bump', 'no-op')),
     inner_hash text NOT NULL,
     envelope_hash text NOT NULL,
     payload text NOT NULL,
     fee_bid bigint NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, attempt_id, number),
     FOREIGN KEY (tenant_id, attempt_id) REFERENCES submissions.attempts (tenant_id, id))`,
  ...tenantTable('submissions.envelopes', { ...HELD_BY, transactionSubmission: 'select, insert' }),
  `CREATE TABLE submissions.attempt_submissions (
     tenant_id uuid NOT NULL,
     attempt_id uuid NOT NULL,
     -- Its operation in the ledger transaction, from 0.
     position integer NOT NULL CHECK (position BETWEEN 0 AND 99),
     submission_id uuid NOT NULL,
     live boolean NOT NULL,
     result_code text CHECK (char_length(result_code) <= 64),
     PRIMARY KEY (tenant_id, attempt_id, position),
     FOREIGN KEY (tenant_id, attempt_id) REFERENCES submissions.attempts (tenant_id, id),
     FOREIGN KEY (tenant_id, submission_id) REFERENCES submissions.submissions (tenant_id, id)) WITH (fillfactor = 70)`,
  // The last line against paying twice: a payment has at most one attempt that the ledger may still apply.
  `CREATE UNIQUE INDEX attempt_submissions_live ON submissions.attempt_submissions (tenant_id, submission_id) WHERE live`,
  `CREATE INDEX attempt_submissions_submission ON submissions.attempt_submissions (tenant_id, submission_id)`,
  ...tenantTable('submissions.attempt_submissions', {
    ...HELD_BY,
    dashboardApi: 'select, update (live)',
    disbursementCore: 'select, update (live)',
    transactionSubmission: 'select, insert, update',
  }),
  `CREATE TABLE submissions.holds (
     tenant_id uuid NOT NULL,
     subject_type text NOT NULL CHECK (subject_type IN ('payment', 'disbursement', 'receiver_wallet', 'tenant')),
     subject_id uuid NOT NULL,
     reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 100),
     actor text NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, subject_type, subject_id, reason),
     CHECK (subject_type <> 'tenant' OR subject_id = tenant_id))`,
  ...tenantTable(
    'submissions.holds',
    {
      dashboardApi: 'select, insert, delete',
      disbursementCore: 'select, insert, delete',
      transactionSubmission: 'select, insert, delete',
    },
    ['transactionSubmission'],
  ),
];
