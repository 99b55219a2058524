import { submissionMachine } from '@libs/domain';
import { type Asset, newId } from '@libs/kernel';
import type { InclusionProof, Memo } from '@libs/ledger';
import type { TenantTx } from '@libs/persistence';

import { storeSecondDispatches } from './second-dispatch.repository';
import type { ArrivedDispatch, QueuedSubmission, SettledDispatch, Settlement } from './submission';

export interface Arrival {
  readonly disbursementId: string | null;
  readonly assetId: string;
  readonly asset: Asset;
  readonly dispatches: readonly ArrivedDispatch[];
}

/** Whose, and how many. */
export interface ClaimOrder {
  readonly instanceId: string;
  readonly limit: number;
  /** No payments of these assets above these amounts, in stroops. */
  readonly notAbove?: readonly { readonly asset: Asset; readonly most: bigint }[];
}

interface QueuedRow {
  readonly id: string;
  readonly payment_id: string;
  readonly dispatch: number;
  readonly disbursement_id: string | null;
  readonly asset_code: string;
  readonly asset_issuer: string;
  readonly amount: bigint;
  readonly destination: string;
  readonly memo_type: Memo['type'] | null;
  readonly memo_value: string | null;
  readonly group_max: number | null;
  readonly regroup_id: string | null;
}

/** A proof as JSON keeps it. */
type StoredProof = Omit<InclusionProof, 'closedAt' | 'feeCharged'> & {
  readonly closedAt: string;
  readonly feeCharged: string;
};

/** Which submissions may still be rejected. */
interface Rejectable {
  readonly sources: ReturnType<typeof submissionMachine.sourcesOf>;
  readonly claimedBy: string | null;
}

const CLAIM_SECONDS = 30;

/** Queued, due, in nobody's hands who is alive, and not held. */
const CLAIMABLE = `q.tenant_id = $1 AND q.status = 'QUEUED' AND q.ready_at <= now()
  AND (q.claimed_until IS NULL OR q.claimed_until < now() OR q.claimed_by = $2 OR NOT EXISTS (
    SELECT FROM submissions.instances i WHERE i.id = q.claimed_by
       AND i.ended_at IS NULL AND i.lost_at IS NULL
       AND i.heartbeat_at > now() - make_interval(secs => i.expiry_seconds)))
  AND NOT EXISTS (SELECT FROM submissions.global_holds)
  AND NOT EXISTS (
    SELECT FROM submissions.holds h
     WHERE h.tenant_id = $1 AND (h.subject_type, h.subject_id) IN (
       ('tenant', $1), ('payment', q.payment_id), ('disbursement', q.disbursement_id),
       ('receiver_wallet', q.receiver_wallet_id)))`;

/** The only writer of `submissions.submissions`, besides the holds port. Every statement works on many rows. */
export class SubmissionRepository {
  /**
   * Stores what was handed over. What is there already (again delivered, or withdrawn before it came) stays as it is.
   * Faulty ones are stored and rejected at once, and so is a payment that is open or paid under another dispatch. Returns the dispatches that do not wait to be signed now: what was there
   * already, and what is faulty.
   */
  async store(tx: TenantTx, arrival: Arrival): Promise<readonly ArrivedDispatch[]> {
    const { dispatches, disbursementId, assetId, asset } = arrival;
    const stored = await tx.query<{ id: string; payment_id: string; dispatch: number }>(
      `INSERT INTO submissions.submissions (tenant_id, id, payment_id, dispatch, disbursement_id, receiver_wallet_id,
              asset_id, asset_code, asset_issuer, amount, destination, memo_type, memo_value, status, status_history, trace)
       SELECT $1, d.id, d.payment_id, d.dispatch, $2, d.receiver_wallet_id, $3, $4, $5, d.amount, d.destination,
              d.memo_type, d.memo_value, 'QUEUED', (SELECT history_entry('QUEUED', $6, '')), $7
         FROM unnest($8::uuid[], $9::uuid[], $10::integer[], $11::uuid[], $12::bigint[], $13::text[], $14::text[], $15::text[])
           AS d (id, payment_id, dispatch, receiver_wallet_id, amount, destination, memo_type, memo_value)
       ON CONFLICT DO NOTHING
       RETURNING id, payment_id, dispatch`,
      [
        tx.tenantId,
        disbursementId,
        assetId,
        asset.code,
        asset.issuer,
        tx.actor,
        tx.trace,
        dispatches.map(() => newId()),
        dispatches.map((one) => one.paymentId),
        dispatches.map((one) => one.dispatch),
        dispatches.map((one) => one.receiverWalletId),
        dispatches.map((one) => one.amount),
        dispatches.map((one) => one.destination),
        dispatches.map((one) => one.memo?.type ?? null),
        dispatches.map((one) => one.memo?.value ?? null),
      ],
    );
    const keyOf = (paymentId: string, dispatch: number): string => `${paymentId}|${String(dispatch)}`;
    const inserted = new Set(stored.map((row) => keyOf(row.payment_id, row.dispatch)));
    await storeSecondDispatches(
      tx,
      dispatches.filter((one) => !inserted.has(keyOf(one.paymentId, one.dispatch))),
    );
    const faults = new Map(dispatches.map((one) => [keyOf(one.paymentId, one.dispatch), one.fault]));
    const faultOf = (row: (typeof stored)[number]): string | null =>
      faults.get(keyOf(row.payment_id, row.dispatch)) ?? null;
    const faulty = stored.filter((row) => faultOf(row) !== null);
    if (faulty.length > 0) {
      await this.rejectUnattempted(
        tx,
        faulty.map((row) => row.id),
        faulty.map((row) => faultOf(row) ?? ''),
      );
    }
    const queued = new Set(
      stored.filter((row) => faultOf(row) === null).map((row) => keyOf(row.payment_id, row.dispatch)),
    );
    if (queued.size > 0) await tx.execute(`SELECT pg_notify('submissions_queued', '')`);
    return dispatches.filter((one) => !queued.has(keyOf(one.paymentId, one.dispatch)));
  }

  /**
   * Notes in the history of those that were handed over before with another amount, destination, asset or memo that what came
   * now is ignored. What was withdrawn before it came knows of none.
   */
  async refuseChanged(
    tx: TenantTx,
    { asset, dispatches }: Arrival,
  ): Promise<readonly { readonly paymentId: string; readonly dispatch: number }[]> {
    if (dispatches.length === 0) return [];
    return await tx.query<{ paymentId: string; dispatch: number }>(
      `UPDATE submissions.submissions s
          SET status_history = s.status_history || history_entry(s.status, $2, 'handed over again with other contents: ignored')
         FROM unnest($5::uuid[], $6::integer[], $7::bigint[], $8::text[], $9::text[], $10::text[])
           AS d (payment_id, dispatch, amount, destination, memo_type, memo_value)
        WHERE s.tenant_id = $1 AND s.payment_id = d.payment_id AND s.dispatch = d.dispatch
          AND s.receiver_wallet_id IS NOT NULL
          AND (s.amount, s.destination, s.asset_code, s.asset_issuer, s.memo_type, s.memo_value)
              IS DISTINCT FROM (d.amount, d.destination, $3, $4, d.memo_type, d.memo_value)
        RETURNING s.payment_id AS "paymentId", s.dispatch`,
      [
        tx.tenantId,
        tx.actor,
        asset.code,
        asset.issuer,
        dispatches.map((one) => one.paymentId),
        dispatches.map((one) => one.dispatch),
        dispatches.map((one) => one.amount),
        dispatches.map((one) => one.destination),
        dispatches.map((one) => one.memo?.type ?? null),
        dispatches.map((one) => one.memo?.value ?? null),
      ],
    );
  }

  /** Those of the given dispatches that have a final outcome. */
  async settled(
    tx: TenantTx,
    dispatches: readonly { readonly paymentId: string; readonly dispatch: number }[],
  ): Promise<readonly SettledDispatch[]> {
    if (dispatches.length === 0) return [];
    // LATERAL with a limit: looked up one by one in the index, however many rows there are.
    return await tx.query<SettledDispatch & Record<string, unknown>>(
      `SELECT s.id AS "submissionId", s.payment_id AS "paymentId", s.dispatch, s.disbursement_id AS "disbursementId",
              s.status, coalesce(s.amount, 0) AS amount, s.operation_id AS "operationId",
              s.reason_code AS "reasonCode", s.attempt_id AS "attemptId", s.trace
         FROM unnest($2::uuid[], $3::integer[]) AS wanted (payment_id, dispatch)
        CROSS JOIN LATERAL (
          SELECT * FROM submissions.submissions s
           WHERE s.tenant_id = $1 AND s.payment_id = wanted.payment_id AND s.dispatch = wanted.dispatch LIMIT 1) s
        WHERE s.status IN ('SUCCESS', 'ERROR')`,
      [tx.tenantId, dispatches.map((one) => one.paymentId), dispatches.map((one) => one.dispatch)],
    );
  }

  /** The ledger transactions that decided these attempts; an attempt that no ledger has is left out. */
  async proofs(tx: TenantTx, attemptIds: readonly string[]): Promise<ReadonlyMap<string, InclusionProof>> {
    const rows = await tx.query<{ id: string; proof: StoredProof }>(
      `SELECT id, proof FROM submissions.attempts
        WHERE tenant_id = $1 AND id = ANY($2) AND status IN ('APPLIED', 'FAILED')`,
      [tx.tenantId, attemptIds],
    );
    return new Map(
      rows.map(({ id, proof }) => [
        id,
        { ...proof, closedAt: new Date(proof.closedAt), feeCharged: BigInt(proof.feeCharged) },
      ]),
    );
  }

  /**
   * Takes up to `limit` unheld submissions for 30 s, so that two instances do not sign the same: direct payments first, then
   * the oldest.
   */
  async claim(
    tx: TenantTx,
    { instanceId, limit, notAbove = [] }: ClaimOrder,
  ): Promise<readonly QueuedSubmission[]> {
    const isAllowed =
      notAbove.length === 0
        ? ''
        : `AND NOT EXISTS (SELECT FROM unnest($4::text[], $5::text[], $6::bigint[]) AS m (code, issuer, most)
                            WHERE m.code = q.asset_code AND m.issuer = q.asset_issuer AND q.amount > m.most)`;
    const rows = await tx.query<QueuedRow>(
      `WITH direct AS (
         SELECT q.id FROM submissions.submissions q WHERE ${CLAIMABLE} ${isAllowed} AND q.disbursement_id IS NULL
          ORDER BY q.ready_at, q.id LIMIT $3 FOR UPDATE SKIP LOCKED),
       bulk AS (
         SELECT q.id FROM submissions.submissions q WHERE ${CLAIMABLE} ${isAllowed} AND q.disbursement_id IS NOT NULL
          ORDER BY q.ready_at, q.id LIMIT (SELECT $3 - count(*) FROM direct) FOR UPDATE SKIP LOCKED)
       UPDATE submissions.submissions s
          SET claimed_by = $2, claimed_until = now() + interval '${String(CLAIM_SECONDS)} seconds'
        WHERE s.tenant_id = $1 AND s.id IN (SELECT id FROM direct UNION ALL SELECT id FROM bulk)
        RETURNING s.id, s.payment_id, s.dispatch, s.disbursement_id, s.asset_code, s.asset_issuer, s.amount,
                  s.destination, s.memo_type, s.memo_value, s.group_max, s.regroup_id`,
      [
        ...[tx.tenantId, instanceId, limit],
        ...(notAbove.length === 0
          ? []
          : [
              notAbove.map(({ asset }) => asset.code),
              notAbove.map(({ asset }) => asset.issuer),
              notAbove.map(({ most }) => most),
            ]),
      ],
    );
    return rows.map(toQueued).sort(directFirst);
  }

  /** QUEUED → SIGNED for those that are still ours to sign. Returns their ids. */
  async sign(tx: TenantTx, ids: readonly string[]): Promise<number> {
    const to = submissionMachine.targetOf('sign');
    return await tx.execute(
      `UPDATE submissions.submissions s
          SET status = $3, status_history = s.status_history || (SELECT history_entry($3, $4, '')),
              claimed_by = NULL, claimed_until = NULL, updated_at = now()
        WHERE s.tenant_id = $1 AND s.id = ANY($2) AND s.status = ANY($5)`,
      [tx.tenantId, ids, to, tx.actor, submissionMachine.sourcesOf('sign')],
    );
  }

  /** The ids among these that can still be signed, locked until the end of the database transaction. */
  async lockQueued(tx: TenantTx, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ id: string }>(
      `SELECT id FROM submissions.submissions
        WHERE tenant_id = $1 AND id = ANY($2) AND status = ANY($3) ORDER BY id FOR UPDATE`,
      [tx.tenantId, ids, submissionMachine.sourcesOf('sign')],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Gives claimed ones back to the queue at once, when nothing was signed for them. */
  async unclaim(tx: TenantTx, instanceId: string, ids: readonly string[]): Promise<void> {
    await tx.execute(
      `UPDATE submissions.submissions SET claimed_by = NULL, claimed_until = NULL
        WHERE tenant_id = $1 AND id = ANY($2) AND claimed_by = $3`,
      [tx.tenantId, ids, instanceId],
    );
  }

  /** SIGNED → UNKNOWN for all submissions of these attempts. */
  async loseTrack(tx: TenantTx, attemptIds: readonly string[]): Promise<void> {
    const to = submissionMachine.targetOf('loseTrack');
    await tx.execute(
      `UPDATE submissions.submissions s
          SET status = $3, status_history = s.status_history || history_entry($3, $4, ''), updated_at = now()
         FROM submissions.attempt_submissions l
        WHERE l.tenant_id = $1 AND l.attempt_id = ANY($2) AND l.live AND s.tenant_id = $1 AND s.id = l.submission_id
          AND s.status = ANY($5)`,
      [tx.tenantId, attemptIds, to, tx.actor, submissionMachine.sourcesOf('loseTrack')],
    );
  }

  /** Moves each submission of an ended attempt. Returns those that have an outcome now. */
  async settle(
    tx: TenantTx,
    attemptId: ReadonlyMap<string, string>,
    settlements: readonly Settlement[],
  ): Promise<readonly SettledDispatch[]> {
    const outcomes: SettledDispatch[] = [];
    for (const move of ['settle', 'requeue', 'reject'] as const) {
      const moved = settlements.filter((one) => one.move === move);
      if (moved.length === 0) continue;
      const rows = await tx.query<SettledDispatch & Record<string, unknown>>(
        `UPDATE submissions.submissions s
            SET status = $2, status_history = s.status_history || history_entry($2, $3, coalesce(m.code, '')),
                reason_code = CASE WHEN $2 = 'SUCCESS' THEN NULL ELSE m.code END,
                operation_id = m.operation_id, attempt_id = m.attempt_id,
                own_failures = s.own_failures + m.own_failure::integer,
                group_failures = s.group_failures + m.group_failure::integer,
                group_max = coalesce(m.group_max, s.group_max), regroup_id = m.regroup_id,
                fees_charged = s.fees_charged + m.fee,
                refused_since = CASE m.refusal WHEN 'ours' THEN NULL WHEN 'counted' THEN coalesce(s.refused_since, now())
                                ELSE s.refused_since END,
                claimed_by = NULL, claimed_until = NULL, updated_at = now()
           FROM unnest($5::uuid[], $6::text[], $7::text[], $8::uuid[], $9::boolean[], $10::boolean[], $11::integer[], $12::uuid[],
                       $13::bigint[], $14::text[])
             AS m (id, code, operation_id, attempt_id, own_failure, group_failure, group_max, regroup_id, fee, refusal)
          WHERE s.tenant_id = $1 AND s.id = m.id AND s.status = ANY($4)
          RETURNING s.id AS "submissionId", s.payment_id AS "paymentId", s.dispatch,
                    s.disbursement_id AS "disbursementId", s.status, s.amount, s.operation_id AS "operationId",
                    s.reason_code AS "reasonCode", s.attempt_id AS "attemptId", s.trace`,
        [
          tx.tenantId,
          submissionMachine.targetOf(move),
          tx.actor,
          submissionMachine.sourcesOf(move),
          moved.map((one) => one.submissionId),
          moved.map((one) => one.resultCode),
          moved.map((one) => one.operationId),
          moved.map((one) => attemptId.get(one.submissionId) ?? null),
          moved.map((one) => one.ownFailure),
          moved.map((one) => one.groupFailure),
          moved.map((one) => one.groupMax),
          moved.map((one) => one.regroupId),
          moved.map((one) => one.countedFee),
          moved.map((one) => one.refusal),
        ],
      );
      if (move !== 'requeue') outcomes.push(...rows);
    }
    return outcomes;
  }

  /**
   * Those that can never work as they are, before anything was signed for them, by the instance that claimed them. Returns
   * the ones that still waited and are still its own.
   */
  async rejectQueued(
    tx: TenantTx,
    instanceId: string,
    rejected: readonly { readonly id: string; readonly reason: string }[],
  ): Promise<readonly SettledDispatch[]> {
    return await this.rejectUnattempted(
      tx,
      rejected.map((one) => one.id),
      rejected.map((one) => one.reason),
      { sources: submissionMachine.sourcesOf('sign'), claimedBy: instanceId },
    );
  }

  /** `claimedBy`: only those that this instance has claimed; null for all. */
  private async rejectUnattempted(
    tx: TenantTx,
    ids: readonly string[],
    reasons: readonly string[],
    { sources, claimedBy }: Rejectable = { sources: submissionMachine.sourcesOf('reject'), claimedBy: null },
  ): Promise<readonly SettledDispatch[]> {
    const to = submissionMachine.targetOf('reject');
    return await tx.query<SettledDispatch & Record<string, unknown>>(
      `UPDATE submissions.submissions s
          SET status = $4, status_history = s.status_history || history_entry($4, $5, r.reason),
              reason_code = r.reason, claimed_by = NULL, claimed_until = NULL, updated_at = now()
         FROM unnest($2::uuid[], $3::text[]) AS r (id, reason)
        WHERE s.tenant_id = $1 AND s.id = r.id AND s.status = ANY($6)
          AND ($7::uuid IS NULL OR s.claimed_by = $7)
        RETURNING s.id AS "submissionId", s.payment_id AS "paymentId", s.dispatch,
                  s.disbursement_id AS "disbursementId", s.status, s.amount, s.operation_id AS "operationId",
                  s.reason_code AS "reasonCode", NULL::uuid AS "attemptId", s.trace`,
      [tx.tenantId, ids, reasons, to, tx.actor, sources, claimedBy],
    );
  }
}

const directFirst = (one: QueuedSubmission, other: QueuedSubmission): number => {
  const [bulk, otherBulk] = [one.disbursementId !== null, other.disbursementId !== null];
  if (bulk !== otherBulk) return bulk ? 1 : -1;
  return one.id < other.id ? -1 : 1;
};

const toQueued = (row: QueuedRow): QueuedSubmission => ({
  id: row.id,
  paymentId: row.payment_id,
  dispatch: row.dispatch,
  disbursementId: row.disbursement_id,
  asset: { code: row.asset_code, issuer: row.asset_issuer },
  amount: row.amount,
  destination: row.destination,
  memo:
    row.memo_type === null || row.memo_value === null ? null : { type: row.memo_type, value: row.memo_value },
  groupMax: row.group_max,
  regroupId: row.regroup_id,
});
