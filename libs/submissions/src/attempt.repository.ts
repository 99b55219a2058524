import type { AttemptStatus } from '@libs/contracts';
import { attemptMachine } from '@libs/domain';
import type { Prepared } from '@libs/ledger';
import type { TenantTx } from '@libs/persistence';

import type {
  AttemptAnswer,
  AttemptEnding,
  CarriedSubmission,
  EnvelopeKind,
  LiveAttempt,
  NewAttempt,
  RecordedAnswer,
} from './attempt';

interface AttemptRow {
  readonly id: string;
  readonly reference: string;
  readonly channel_account: string;
  readonly channel_epoch: bigint;
  readonly sequence: bigint;
  readonly distribution_account: string;
  readonly operations: number;
  readonly max_time: Date;
  readonly last_ledger: bigint;
  readonly last_ledger_hash: string;
  readonly status: AttemptStatus;
  readonly fee_rate: bigint;
  readonly sends: number;
  readonly sent_at_ledger: bigint | null;
  readonly answer: AttemptAnswer | null;
  readonly refusal_code: string | null;
  readonly cause_code: string | null;
  readonly cause_operations: string[] | null;
  readonly fee_needed: bigint | null;
  readonly contradicted_at: Date | null;
}

interface AttemptHash {
  readonly attemptId: string;
  readonly innerHash: string;
}

/** The only writer of attempts, envelopes and what they carry, besides the holds port, which discards unsent ones. */
export class AttemptRepository {
  async store(tx: TenantTx, attempts: readonly NewAttempt[]): Promise<void> {
    await tx.execute(
      `INSERT INTO submissions.attempts (tenant_id, id, reference, channel_account, channel_epoch, sequence,
              distribution_account, operations, max_time, last_ledger, last_ledger_hash, fee_rate, status, status_history)
       SELECT $1, a.*, 'STORED', (SELECT history_entry('STORED', $2, ''))
         FROM unnest($3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::text[], $9::integer[],
                     $10::timestamptz[], $11::bigint[], $12::text[], $13::bigint[]) AS a`,
      [
        tx.tenantId,
        tx.actor,
        attempts.map((one) => one.id),
        attempts.map((one) => one.query.reference),
        attempts.map((one) => one.query.channel),
        attempts.map((one) => one.channelEpoch),
        attempts.map((one) => one.query.sequence),
        attempts.map((one) => one.distribution),
        attempts.map((one) => one.submissionIds.length),
        attempts.map((one) => one.query.maxTime),
        attempts.map((one) => one.query.lastSeen.sequence),
        attempts.map((one) => one.query.lastSeen.hash),
        attempts.map((one) => one.feeRate),
      ],
    );
    await this.insertEnvelopes(
      tx,
      attempts.map(({ id, prepared }) => ({ attemptId: id, kind: 'first', prepared })),
    );
    const carried = attempts.flatMap((one) =>
      one.submissionIds.map((submissionId, position) => ({ attemptId: one.id, submissionId, position })),
    );
    await tx.execute(
      `INSERT INTO submissions.attempt_submissions (tenant_id, attempt_id, position, submission_id, live)
       SELECT $1, c.attempt_id, c.position, c.submission_id, true
         FROM unnest($2::uuid[], $3::integer[], $4::uuid[]) AS c (attempt_id, position, submission_id)`,
      [
        tx.tenantId,
        carried.map((one) => one.attemptId),
        carried.map((one) => one.position),
        carried.map((one) => one.submissionId),
      ],
    );
  }

  /** One more envelope of each attempt: a fee bump of the same inner ledger transaction, or the no-op. */
  async addEnvelopes(
    tx: TenantTx,
    envelopes: readonly {
      readonly attemptId: string;
      readonly kind: EnvelopeKind;
      readonly prepared: Prepared;
      readonly feeRate: bigint;
    }[],
  ): Promise<void> {
    await this.insertEnvelopes(tx, envelopes);
    await tx.execute(
      `UPDATE submissions.attempts a SET fee_rate = e.fee_rate, updated_at = now()
         FROM unnest($2::uuid[], $3::bigint[]) AS e (id, fee_rate)
        WHERE a.tenant_id = $1 AND a.id = e.id`,
      [tx.tenantId, envelopes.map((one) => one.attemptId), envelopes.map((one) => one.feeRate)],
    );
  }

  async live(tx: TenantTx, ids: readonly string[]): Promise<readonly LiveAttempt[]> {
    const rows = await tx.query<AttemptRow>(
      `SELECT * FROM submissions.attempts WHERE tenant_id = $1 AND id = ANY($2) AND ended_at IS NULL`,
      [tx.tenantId, ids],
    );
    return rows.map(toLive);
  }

  async carried(tx: TenantTx, ids: readonly string[]): Promise<readonly CarriedSubmission[]> {
    return await tx.query<CarriedSubmission & Record<string, unknown>>(
      `SELECT l.attempt_id AS "attemptId", l.submission_id AS "submissionId", l.position,
              s.own_failures AS "ownFailures", s.group_failures AS "groupFailures", s.regroup_id AS "regroupId",
              s.fees_charged AS "feesCharged", extract(epoch FROM now() - s.created_at)::float8 AS "ageSeconds",
              coalesce(extract(epoch FROM now() - s.refused_since), 0)::float8 AS "refusedSeconds",
              coalesce(s.disbursement_id, s.payment_id) AS "paidFor", s.asset_code || ':' || s.asset_issuer AS asset, s.destination
         FROM submissions.attempt_submissions l
         JOIN submissions.submissions s ON s.tenant_id = $1 AND s.id = l.submission_id
        WHERE l.tenant_id = $1 AND l.attempt_id = ANY($2) AND l.live
        ORDER BY l.attempt_id, l.position`,
      [tx.tenantId, ids],
    );
  }

  /** The newest envelope of each attempt: what is to be sent (again). */
  async newestEnvelopes(
    tx: TenantTx,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, { readonly kind: EnvelopeKind; readonly payload: string }>> {
    const rows = await tx.query<{ attempt_id: string; kind: EnvelopeKind; payload: string }>(
      `SELECT DISTINCT ON (attempt_id) attempt_id, kind, payload FROM submissions.envelopes
        WHERE tenant_id = $1 AND attempt_id = ANY($2) ORDER BY attempt_id, number DESC`,
      [tx.tenantId, ids],
    );
    return new Map(rows.map(({ attempt_id: id, kind, payload }) => [id, { kind, payload }]));
  }

  /** STORED → SENT, committed before the first byte leaves. Returns the ids that moved. */
  async markSent(tx: TenantTx, ids: readonly string[], ledger: number): Promise<ReadonlySet<string>> {
    const to = attemptMachine.targetOf('send');
    const rows = await tx.query<{ id: string }>(
      `UPDATE submissions.attempts a
          SET status = $3, status_history = a.status_history || history_entry($3, $4, ''), sends = 1,
              sent_at_ledger = $5, updated_at = now()
        WHERE a.tenant_id = $1 AND a.id = ANY($2) AND a.status = ANY($6)
        RETURNING a.id`,
      [tx.tenantId, ids, to, tx.actor, ledger, attemptMachine.sourcesOf('send')],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Counts one more send of what was sent before. Returns the ids that are still live. */
  async markSentAgain(tx: TenantTx, ids: readonly string[], ledger: number): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ id: string }>(
      `UPDATE submissions.attempts SET sends = sends + 1, sent_at_ledger = $3, answer = NULL, updated_at = now()
        WHERE tenant_id = $1 AND id = ANY($2) AND status = ANY($4)
        RETURNING id`,
      [tx.tenantId, ids, ledger, attemptMachine.sourcesOf('expire')],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Records what the nodes said. Silence moves SENT → LOST; the ids of those are returned. */
  async recordAnswers(tx: TenantTx, answers: readonly RecordedAnswer[]): Promise<readonly string[]> {
    await tx.execute(
      `UPDATE submissions.attempts a
          SET answer = r.answer, refusal_code = coalesce(r.code, a.refusal_code), fee_needed = r.fee,
              cause_code = coalesce(a.cause_code, CASE WHEN r.answer IN ('supersede', 'ours') THEN r.code END),
              cause_operations = CASE WHEN a.cause_code IS NULL AND r.answer IN ('supersede', 'ours')
                THEN string_to_array(nullif(r.operations, ''), ',') ELSE a.cause_operations END,
              updated_at = now()
         FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[]) AS r (id, answer, code, operations, fee)
        WHERE a.tenant_id = $1 AND a.id = r.id AND a.ended_at IS NULL`,
      [
        tx.tenantId,
        answers.map((one) => one.attemptId),
        answers.map((one) => one.answer),
        answers.map((one) => one.refusalCode),
        answers.map((one) => one.refusalOperations.join(',')),
        answers.map((one) => one.feeNeeded),
      ],
    );
    const silent = answers.filter((one) => one.answer === 'silent').map((one) => one.attemptId);
    if (silent.length === 0) return [];
    const to = attemptMachine.targetOf('loseTrack');
    const rows = await tx.query<{ id: string }>(
      `UPDATE submissions.attempts a
          SET status = $3, status_history = a.status_history || history_entry($3, $4, ''), updated_at = now()
        WHERE a.tenant_id = $1 AND a.id = ANY($2) AND a.status = ANY($5)
        RETURNING a.id`,
      [tx.tenantId, silent, to, tx.actor, attemptMachine.sourcesOf('loseTrack')],
    );
    return rows.map(({ id }) => id);
  }

  /** Discards attempts that are proven unsent. Returns the ids that moved. */
  async discard(tx: TenantTx, ids: readonly string[], reason: string): Promise<readonly string[]> {
    const to = attemptMachine.targetOf('discard');
    const rows = await tx.query<{ id: string }>(
      `UPDATE submissions.attempts a
          SET status = $3, status_history = a.status_history || history_entry($3, $4, $5),
              ended_at = now(), updated_at = now()
        WHERE a.tenant_id = $1 AND a.id = ANY($2) AND a.status = ANY($6)
        RETURNING a.id`,
      [tx.tenantId, ids, to, tx.actor, reason, attemptMachine.sourcesOf('discard')],
    );
    return rows.map(({ id }) => id);
  }

  /** Ends attempts by evidence. Returns those that moved, since an attempt ends once, with the seconds since they were signed. */
  async end(tx: TenantTx, endings: readonly AttemptEnding[]): Promise<ReadonlyMap<string, number>> {
    const ended = new Map<string, number>();
    for (const end of ['apply', 'fail', 'expire', 'supersede'] as const) {
      const some = endings.filter((one) => one.end === end);
      if (some.length === 0) continue;
      const rows = await tx.query<{ id: string; seconds: number }>(
        `UPDATE submissions.attempts a
            SET status = $2, status_history = a.status_history || history_entry($2, $3, e.reason), proof = e.proof,
                ended_at = now(), updated_at = now()
           FROM unnest($5::uuid[], $6::text[], $7::jsonb[]) AS e (id, reason, proof)
          WHERE a.tenant_id = $1 AND a.id = e.id AND a.status = ANY($4)
          RETURNING a.id, extract(epoch FROM now() - a.created_at)::float8 AS seconds`,
        [
          tx.tenantId,
          attemptMachine.targetOf(end),
          tx.actor,
          attemptMachine.sourcesOf(end),
          some.map((one) => one.attempt.id),
          some.map((one) => one.reason),
          some.map((one) =>
            JSON.stringify(one.proof, (_, value: unknown) =>
              typeof value === 'bigint' ? String(value) : value,
            ),
          ),
        ],
      );
      for (const { id, seconds } of rows) ended.set(id, seconds);
    }
    return ended;
  }

  /** Those of these hashes of inner ledger transactions that are of our own envelopes. */
  async ownHashes(tx: TenantTx, attempts: readonly AttemptHash[]): Promise<ReadonlySet<string>> {
    if (attempts.length === 0) return new Set();
    const rows = await tx.query<{ hash: string }>(
      `SELECT DISTINCT e.inner_hash AS hash
         FROM unnest($2::uuid[], $3::text[]) AS asked (attempt_id, inner_hash)
         JOIN submissions.envelopes e USING (attempt_id, inner_hash)
        WHERE e.tenant_id = $1`,
      [tx.tenantId, attempts.map((one) => one.attemptId), attempts.map((one) => one.innerHash)],
    );
    return new Set(rows.map(({ hash }) => hash));
  }

  /** What applied attempts carried is no longer live: each operation worked. */
  async releaseApplied(tx: TenantTx, attemptIds: readonly string[]): Promise<void> {
    await tx.execute(
      `UPDATE submissions.attempt_submissions SET live = false, result_code = 'op_success'
        WHERE tenant_id = $1 AND attempt_id = ANY($2) AND live`,
      [tx.tenantId, attemptIds],
    );
  }

  /** What ended attempts carried is no longer live; each keeps the result of its operation. */
  async release(
    tx: TenantTx,
    results: readonly {
      readonly attemptId: string;
      readonly submissionId: string;
      readonly code: string | null;
    }[],
  ): Promise<void> {
    await tx.execute(
      `UPDATE submissions.attempt_submissions l SET live = false, result_code = r.code
         FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS r (attempt_id, submission_id, code)
        WHERE l.tenant_id = $1 AND l.attempt_id = r.attempt_id AND l.submission_id = r.submission_id AND l.live`,
      [
        tx.tenantId,
        results.map((one) => one.attemptId),
        results.map((one) => one.submissionId),
        results.map((one) => one.code),
      ],
    );
  }

  /** Marks attempts whose sequence number is used by nothing that can be found. */
  async contradict(tx: TenantTx, ids: readonly string[]): Promise<void> {
    await tx.execute(
      `UPDATE submissions.attempts SET contradicted_at = coalesce(contradicted_at, now()), updated_at = now()
        WHERE tenant_id = $1 AND id = ANY($2) AND ended_at IS NULL`,
      [tx.tenantId, ids],
    );
  }

  private async insertEnvelopes(
    tx: TenantTx,
    envelopes: readonly {
      readonly attemptId: string;
      readonly kind: EnvelopeKind;
      readonly prepared: Prepared;
    }[],
  ): Promise<void> {
    await tx.execute(
      `INSERT INTO submissions.envelopes (tenant_id, attempt_id, number, kind, inner_hash, envelope_hash, payload, fee_bid)
       SELECT $1, e.attempt_id,
              1 + coalesce((SELECT max(number) FROM submissions.envelopes o
                             WHERE o.tenant_id = $1 AND o.attempt_id = e.attempt_id), 0),
              e.kind, e.inner_hash, e.envelope_hash, e.payload, e.fee_bid
         FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
           AS e (attempt_id, kind, inner_hash, envelope_hash, payload, fee_bid)`,
      [
        tx.tenantId,
        envelopes.map((one) => one.attemptId),
        envelopes.map((one) => one.kind),
        envelopes.map((one) => one.prepared.reference),
        envelopes.map((one) => one.prepared.envelopeHash),
        envelopes.map((one) => one.prepared.payload),
        envelopes.map((one) => one.prepared.feeBid),
      ],
    );
  }
}

const toLive = (row: AttemptRow): LiveAttempt => ({
  id: row.id,
  status: row.status,
  query: {
    reference: row.reference,
    channel: row.channel_account,
    sequence: row.sequence,
    maxTime: row.max_time,
    lastSeen: { sequence: Number(row.last_ledger), hash: row.last_ledger_hash },
  },
  channelEpoch: row.channel_epoch,
  distribution: row.distribution_account,
  operations: row.operations,
  feeRate: row.fee_rate,
  sends: row.sends,
  sentAtLedger: row.sent_at_ledger === null ? null : Number(row.sent_at_ledger),
  answer: row.answer,
  refusalCode: row.refusal_code,
  cause:
    row.cause_code === null ? null : { code: row.cause_code, operationCodes: row.cause_operations ?? [] },
  feeNeeded: row.fee_needed,
  contradicted: row.contradicted_at !== null,
});
