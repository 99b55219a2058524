/** The tables of the naive submission: the keys and indexes that the job needs, and no more. */
export const NAIVE_SUBMISSION_SCHEMA = `
  DROP SCHEMA IF EXISTS naive CASCADE;
  CREATE SCHEMA naive;
  CREATE TABLE naive.submissions (
    id uuid PRIMARY KEY, destination text NOT NULL, amount numeric(19, 7) NOT NULL, status text NOT NULL DEFAULT 'PENDING',
    status_history jsonb NOT NULL DEFAULT '[]', channel_account text, transaction_hash text UNIQUE, envelope text,
    attempts integer NOT NULL DEFAULT 0, locked_at timestamptz, started_at timestamptz, sent_at timestamptz,
    completed_at timestamptz, created_at timestamptz NOT NULL DEFAULT now());
  CREATE INDEX ON naive.submissions (created_at) WHERE status = 'PENDING';
  CREATE TABLE naive.outcomes (
    id uuid PRIMARY KEY, submission_id uuid NOT NULL REFERENCES naive.submissions (id), outcome text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now());
`;
