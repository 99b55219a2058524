import { paymentMachine, submissionMachine } from '@libs/domain';

import { mustBe } from '../benchmark';
import type { BenchDatabase } from './bench-database';

/** However often a provider refuses: docs/capacity.md. */
const MESSAGE_TRIES_MAX = 6;

interface Invariant {
  readonly name: string;
  /** Counts, as `wrong`, what must not be there. */
  readonly sql: string;
  readonly values?: readonly unknown[];
}

interface Machine {
  readonly initial: readonly string[];
  readonly moveNames: readonly string[];
  readonly moves: Readonly<Record<string, { readonly from: readonly string[]; readonly to: string }>>;
}

/** Each step that a history may show, its beginning included. */
const stepsOf = ({ initial, moveNames, moves }: Machine): readonly string[] => [
  ...initial.map((state) => `>${state}`),
  ...moveNames.flatMap((name) => {
    const move = moves[name];
    return move === undefined ? [] : move.from.map((from) => `${from}>${move.to}`);
  }),
];

/** Rows that a benchmark wrote as if years had passed have a history that nobody went through. */
const LIVED = `NOT row.status_history @> '[{"actor":"system:bench"}]'`;

/** Histories that skip a step, go back in time, or end elsewhere than their row. A dispute adds the status once more. */
const historiesOf = (name: string, table: string, machine: Machine, disputed: string): Invariant => ({
  name: `I7: histories of ${name} that no machine allows`,
  sql: `SELECT count(*) AS wrong FROM ${table} row
         WHERE ${LIVED} AND (row.status_history = '[]' AND NOT row.status = ANY($2)
            OR row.status_history <> '[]' AND row.status <> row.status_history -> -1 ->> 'status'
            OR EXISTS (
              SELECT FROM (SELECT step ->> 'status' AS status, lag(step ->> 'status') OVER n AS before,
                                  (step ->> 'timestamp')::timestamptz AS at, lag((step ->> 'timestamp')::timestamptz) OVER n AS at_before
                             FROM jsonb_array_elements(row.status_history) WITH ORDINALITY AS h (step, nr) WINDOW n AS (ORDER BY nr)) steps
               WHERE at < at_before
                  OR NOT coalesce(before, '') || '>' || status = ANY($1) AND NOT (${disputed} AND before = status)))`,
  values: [stepsOf(machine), machine.initial],
});

const INVARIANTS: readonly Invariant[] = [
  {
    name: 'I1: payments that two ledger transactions paid',
    sql: `SELECT count(*) AS wrong FROM (
            SELECT FROM submissions.submissions s
              JOIN submissions.attempt_submissions l ON l.tenant_id = s.tenant_id AND l.submission_id = s.id
              JOIN submissions.attempts a ON a.tenant_id = l.tenant_id AND a.id = l.attempt_id AND a.status = 'APPLIED'
             GROUP BY s.tenant_id, s.payment_id HAVING count(*) > 1) twice`,
  },
  {
    name: 'I2: open payments that nobody owns any more',
    sql: `SELECT count(*) AS wrong FROM disbursements.payments p
            LEFT JOIN disbursements.disbursements d ON d.tenant_id = p.tenant_id AND d.id = p.disbursement_id
           WHERE p.status IN ('DRAFT', 'READY', 'PENDING', 'PAUSED')
             AND (d.status = 'COMPLETED' OR (p.status = 'PENDING' AND NOT EXISTS (
               SELECT FROM submissions.submissions s
                WHERE s.tenant_id = p.tenant_id AND s.payment_id = p.id AND s.dispatch = p.dispatch)))`,
  },
  {
    name: 'I3: payments in SUCCESS that no ledger transaction has made',
    sql: `SELECT count(*) AS wrong FROM disbursements.payments row
           WHERE row.status = 'SUCCESS' AND ${LIVED} AND NOT EXISTS (
             SELECT FROM submissions.submissions s
               JOIN submissions.attempt_submissions l ON l.tenant_id = s.tenant_id AND l.submission_id = s.id
               JOIN submissions.attempts a ON a.tenant_id = l.tenant_id AND a.id = l.attempt_id AND a.status = 'APPLIED'
               JOIN submissions.envelopes e ON e.tenant_id = a.tenant_id AND e.attempt_id = a.id
              WHERE s.tenant_id = row.tenant_id AND s.payment_id = row.id AND s.dispatch = row.dispatch AND s.status = 'SUCCESS'
                AND s.amount = row.amount AND row.stellar_transaction_id IN (e.envelope_hash, e.inner_hash))`,
  },
  {
    name: 'I4: disbursements whose counters are not their payments',
    sql: `SELECT count(*) AS wrong FROM (
            SELECT d.tenant_id, d.id, k.status, k.count, k.amount FROM disbursements.disbursements d,
                   LATERAL unnest(ARRAY['DRAFT', 'READY', 'PENDING', 'PAUSED', 'SUCCESS', 'FAILED', 'CANCELED'],
                     ARRAY[count_draft, count_ready, count_pending, count_paused, count_success, count_failed, count_canceled],
                     ARRAY[amount_draft, amount_ready, amount_pending, amount_paused, amount_success, amount_failed, amount_canceled])
                     AS k (status, count, amount)
             WHERE d.removed_at IS NULL AND (k.count <> 0 OR k.amount <> 0)) kept
            FULL JOIN (SELECT tenant_id, disbursement_id AS id, status, count(*) AS count, sum(amount) AS amount
                         FROM disbursements.payments p WHERE disbursement_id IS NOT NULL AND NOT EXISTS (
                           SELECT FROM disbursements.hidden_rows h WHERE h.tenant_id = p.tenant_id AND h.id IN (p.upload_id, p.disbursement_id))
                        GROUP BY 1, 2, 3) found
           USING (tenant_id, id, status)
           WHERE kept.count IS DISTINCT FROM found.count OR kept.amount IS DISTINCT FROM found.amount`,
  },
  {
    name: 'I5, I11: reservations that released more than they reserved',
    sql: `SELECT count(*) AS wrong FROM disbursements.fund_reservations WHERE released > reserved OR released < 0`,
  },
  {
    name: 'I6: payments that were handed over more or less often than they have dispatches',
    sql: `SELECT count(*) AS wrong FROM disbursements.payments row
           WHERE ${LIVED} AND row.dispatch <> (
             SELECT count(*) FROM jsonb_array_elements(row.status_history) AS h (step)
              WHERE step ->> 'status' = 'PENDING' AND coalesce(step ->> 'reason', '') <> 'disputed')`,
  },
  historiesOf('payments', 'disbursements.payments', paymentMachine, 'row.disputed'),
  historiesOf('submissions', 'submissions.submissions', submissionMachine, 'false'),
  {
    name: 'I8: messages that were tried too often',
    sql: `SELECT count(*) AS wrong FROM messages.messages WHERE tries > ${String(MESSAGE_TRIES_MAX)}`,
  },
  {
    name: 'I9: ledger transactions that were signed for what was on hold',
    sql: `SELECT count(*) AS wrong FROM submissions.holds h
            JOIN submissions.submissions s ON s.tenant_id = h.tenant_id AND h.subject_id =
                 CASE h.subject_type WHEN 'payment' THEN s.payment_id WHEN 'disbursement' THEN s.disbursement_id
                      WHEN 'receiver_wallet' THEN s.receiver_wallet_id ELSE s.tenant_id END
            JOIN submissions.attempt_submissions l ON l.tenant_id = s.tenant_id AND l.submission_id = s.id
            JOIN submissions.attempts a ON a.tenant_id = l.tenant_id AND a.id = l.attempt_id
           WHERE a.created_at > h.created_at`,
  },
];

/** What must hold whatever was measured, as far as the database tells it. What the ledger shows is compared where payments are made. */
export async function checkInvariants(database: Pick<BenchDatabase, 'one'>): Promise<void> {
  for (const { name, sql, values } of INVARIANTS) {
    mustBe(name, Number((await database.one(sql, values))['wrong']), 0);
  }
}
