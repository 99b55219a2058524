import { attemptMachine, submissionMachine } from '@libs/domain';
import { newId } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

import { isAgreedHistory } from './database-identity.repository';
import { lockForHolding } from './locks';
import { giveBackOutflow } from './outflow-ceiling.repository';

export const HOLD_SUBJECTS = ['payment', 'disbursement', 'receiver_wallet', 'tenant'] as const;

export interface HoldSubject {
  readonly type: (typeof HOLD_SUBJECTS)[number];
  readonly id: string;
}

/** One handing-over of a payment to submission. */
export interface Dispatch {
  readonly paymentId: string;
  readonly dispatch: number;
}

/** A dispatch that was sent before the hold: the ledger may still apply it until `until`. */
export interface StillPayable extends Dispatch {
  readonly until: Date;
}

/**
 * `withdrawn`: it will never be paid under this dispatch. `live`: it was sent; its outcome will come. `paid` and
 * `failed`: it has its outcome already, and the event that says so is on its way or has been applied.
 */
export type WithdrawResult = Dispatch &
  ({ readonly result: 'withdrawn' | 'paid' | 'failed' } | { readonly result: 'live'; readonly until: Date });

/** What was sent and forgotten can be applied for as long as this, at most. */
const FORGOTTEN_FOR_SECONDS = 150;
/** More than can be on their way at once: a thousand channel accounts with a hundred payments each. */
const FORGOTTEN_MAX = 100_000;
const ENDED: Readonly<Record<string, 'withdrawn' | 'paid' | 'failed'>> = {
  WITHDRAWN: 'withdrawn',
  SUCCESS: 'paid',
  ERROR: 'failed',
};

const HELD = `
  (h.subject_type = 'tenant'
    OR (h.subject_type = 'payment' AND h.subject_id = s.payment_id)
    OR (h.subject_type = 'disbursement' AND h.subject_id = s.disbursement_id)
    OR (h.subject_type = 'receiver_wallet' AND h.subject_id = s.receiver_wallet_id))`;

/** Which rows of `submissions s` a subject means. `$1` is its id. */
const OF_SUBJECT: Readonly<Record<HoldSubject['type'], string>> = {
  payment: 's.payment_id = $1',
  disbursement: 's.disbursement_id = $1',
  receiver_wallet: 's.receiver_wallet_id = $1',
  tenant: 's.tenant_id = $1',
};

/**
 * The port for stopping payments, called in the caller's own database transaction.
 *
 * Each of these waits for signing that is under way. After the caller's commit nothing new is signed for what is held,
 * and nothing signed but unsent is sent. What was sent before cannot be called back: it is listed. After a restore or a
 * failover that may be anything without an outcome, until the database agrees with the ledger.
 */
export class Holds {
  /** Holds a subject for one reason. Holding it again for the same reason changes nothing. */
  async hold(tx: TenantTx, subject: HoldSubject, reason: string): Promise<readonly StillPayable[]> {
    await lockForHolding(tx);
    await tx.execute(
      `INSERT INTO submissions.holds (tenant_id, subject_type, subject_id, reason, actor)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
      [tx.tenantId, subject.type, subject.id, reason, tx.actor],
    );
    await this.discardUnsent(tx, await this.inFlight(tx, subject), `held: ${reason}`);
    return await this.mayStillBePaid(tx, subject);
  }

  /** Lifts one hold; others on the same subject stay. False when there was none. */
  async release(tx: TenantTx, subject: HoldSubject, reason: string): Promise<boolean> {
    const rows = await tx.execute(
      `DELETE FROM submissions.holds WHERE tenant_id = $1 AND subject_type = $2 AND subject_id = $3 AND reason = $4`,
      [tx.tenantId, subject.type, subject.id, reason],
    );
    if (rows > 0) await tx.execute(`SELECT pg_notify('submissions_queued', '')`);
    return rows > 0;
  }

  /** The reasons for which a subject itself is held now. */
  async reasons(tx: TenantTx, subject: HoldSubject): Promise<readonly string[]> {
    const rows = await tx.query<{ reason: string }>(
      `SELECT reason FROM submissions.holds
        WHERE tenant_id = $1 AND subject_type = $2 AND subject_id = $3 ORDER BY created_at`,
      [tx.tenantId, subject.type, subject.id],
    );
    return rows.map(({ reason }) => reason);
  }

  /** Dispatches of a subject that were sent and have no outcome yet. */
  async mayStillBePaid(tx: TenantTx, subject: HoldSubject): Promise<readonly StillPayable[]> {
    if (!(await isAgreedHistory(tx))) return await this.mayBeForgotten(tx, subject);
    return await this.sent(tx, await this.inFlight(tx, subject));
  }

  /** What has no outcome in this history may have been sent in the one that is lost. */
  private async mayBeForgotten(tx: TenantTx, subject: HoldSubject): Promise<readonly StillPayable[]> {
    return await tx.query<{ paymentId: string; dispatch: number; until: Date }>(
      `SELECT s.payment_id AS "paymentId", s.dispatch,
              greatest(a.max_time, now() + interval '${String(FORGOTTEN_FOR_SECONDS)} seconds') AS until
         FROM submissions.submissions s
         LEFT JOIN submissions.attempt_submissions l ON l.tenant_id = $2 AND l.submission_id = s.id AND l.live
         LEFT JOIN submissions.attempts a ON a.tenant_id = $2 AND a.id = l.attempt_id
        WHERE s.tenant_id = $2 AND s.status IN ('QUEUED', 'SIGNED', 'UNKNOWN') AND ${OF_SUBJECT[subject.type]}
        ORDER BY s.payment_id LIMIT ${String(FORGOTTEN_MAX)}`,
      [subject.id, tx.tenantId],
    );
  }

  /**
   * Takes dispatches back. A dispatch whose event has not arrived yet is withdrawn too: the event will find that and stop.
   * The caller moves its payments in the same database transaction. After a restore or a failover, what was sent may be
   * forgotten: until the database agrees with the ledger, whatever has no outcome counts as live.
   */
  async withdraw(tx: TenantTx, dispatches: readonly Dispatch[]): Promise<readonly WithdrawResult[]> {
    if (dispatches.length === 0) return [];
    await lockForHolding(tx);
    const payments = dispatches.map((one) => one.paymentId);
    const numbers = dispatches.map((one) => one.dispatch);
    if (!(await isAgreedHistory(tx))) return await this.undecided(tx, payments, numbers);
    await this.insertWithdrawn(tx, payments, numbers);
    const unsent = await tx.query<{ id: string }>(
      `SELECT s.id FROM submissions.submissions s
         JOIN unnest($2::uuid[], $3::integer[]) AS wanted (payment_id, dispatch) USING (payment_id, dispatch)
        WHERE s.tenant_id = $1 AND s.status = ANY($4)`,
      [tx.tenantId, payments, numbers, submissionMachine.sourcesOf('requeue')],
    );
    await this.discardUnsent(
      tx,
      unsent.map(({ id }) => id),
      'withdrawn',
    );
    const to = submissionMachine.targetOf('withdraw');
    await tx.execute(
      `UPDATE submissions.submissions s
          SET status = $4, status_history = s.status_history || history_entry($4, $5, 'withdrawn'), updated_at = now()
         FROM unnest($2::uuid[], $3::integer[]) AS wanted (payment_id, dispatch)
        WHERE s.tenant_id = $1 AND s.payment_id = wanted.payment_id AND s.dispatch = wanted.dispatch
          AND s.status = ANY($6)`,
      [tx.tenantId, payments, numbers, to, tx.actor, submissionMachine.sourcesOf('withdraw')],
    );
    return await this.withdrawResults(tx, payments, numbers);
  }

  private async insertWithdrawn(tx: TenantTx, payments: string[], numbers: number[]): Promise<void> {
    const ids = payments.map(() => newId());
    await tx.execute(
      `INSERT INTO submissions.submissions (tenant_id, id, payment_id, dispatch, status, status_history, trace)
       SELECT $1, wanted.id, wanted.payment_id, wanted.dispatch, 'WITHDRAWN',
              history_entry('WITHDRAWN', $5, 'withdrawn before it arrived'), $6
         FROM unnest($2::uuid[], $3::uuid[], $4::integer[]) AS wanted (id, payment_id, dispatch)
       ON CONFLICT (tenant_id, payment_id, dispatch) DO NOTHING`,
      [tx.tenantId, ids, payments, numbers, tx.actor, tx.trace],
    );
  }

  private async withdrawResults(
    tx: TenantTx,
    payments: readonly string[],
    numbers: readonly number[],
  ): Promise<WithdrawResult[]> {
    const rows = await tx.query<{ payment_id: string; dispatch: number; status: string; until: Date | null }>(
      `SELECT s.payment_id, s.dispatch, s.status, a.max_time AS until
         FROM submissions.submissions s
         JOIN unnest($2::uuid[], $3::integer[]) AS wanted (payment_id, dispatch) USING (payment_id, dispatch)
         LEFT JOIN submissions.attempt_submissions l ON l.tenant_id = $1 AND l.submission_id = s.id AND l.live
         LEFT JOIN submissions.attempts a ON a.tenant_id = $1 AND a.id = l.attempt_id
        WHERE s.tenant_id = $1`,
      [tx.tenantId, payments, numbers],
    );
    return rows.map(({ payment_id: paymentId, dispatch, status, until }): WithdrawResult => {
      if (status === 'WITHDRAWN') return { paymentId, dispatch, result: 'withdrawn' };
      if (status === 'SUCCESS') return { paymentId, dispatch, result: 'paid' };
      if (status === 'ERROR' || until === null) return { paymentId, dispatch, result: 'failed' };
      return { paymentId, dispatch, result: 'live', until };
    });
  }

  private async undecided(
    tx: TenantTx,
    payments: readonly string[],
    numbers: readonly number[],
  ): Promise<WithdrawResult[]> {
    const rows = await tx.query<{ payment_id: string; dispatch: number; status: string | null; until: Date }>(
      `SELECT wanted.payment_id, wanted.dispatch, s.status,
              now() + interval '${String(FORGOTTEN_FOR_SECONDS)} seconds' AS until
         FROM unnest($2::uuid[], $3::integer[]) AS wanted (payment_id, dispatch)
         LEFT JOIN submissions.submissions s
           ON s.tenant_id = $1 AND s.payment_id = wanted.payment_id AND s.dispatch = wanted.dispatch`,
      [tx.tenantId, payments, numbers],
    );
    return rows.map(({ payment_id: paymentId, dispatch, status, until }): WithdrawResult => {
      const result = ENDED[status ?? ''];
      return result === undefined
        ? { paymentId, dispatch, result: 'live', until }
        : { paymentId, dispatch, result };
    });
  }

  private async inFlight(tx: TenantTx, subject: HoldSubject): Promise<readonly string[]> {
    const rows = await tx.query<{ id: string }>(
      `SELECT s.id FROM submissions.submissions s
        WHERE s.tenant_id = $2 AND s.status IN ('SIGNED', 'UNKNOWN') AND ${OF_SUBJECT[subject.type]}`,
      [subject.id, tx.tenantId],
    );
    return rows.map(({ id }) => id);
  }

  private async sent(tx: TenantTx, ids: readonly string[]): Promise<readonly StillPayable[]> {
    if (ids.length === 0) return [];
    return await tx.query<{ paymentId: string; dispatch: number; until: Date }>(
      `SELECT s.payment_id AS "paymentId", s.dispatch, a.max_time AS until
         FROM submissions.attempt_submissions l
         JOIN submissions.submissions s ON s.tenant_id = $1 AND s.id = l.submission_id
         JOIN submissions.attempts a ON a.tenant_id = $1 AND a.id = l.attempt_id
        WHERE l.tenant_id = $1 AND l.live AND l.submission_id = ANY($2) AND a.status = ANY($3)
        ORDER BY s.payment_id`,
      [tx.tenantId, ids, attemptMachine.sourcesOf('expire')],
    );
  }

  /** A stored attempt is proven unsent, so it can end here and now; all of its payments go back to the queue. */
  private async discardUnsent(tx: TenantTx, submissions: readonly string[], reason: string): Promise<void> {
    if (submissions.length === 0) return;
    const to = attemptMachine.targetOf('discard');
    const ended = await tx.query<{ id: string }>(
      `UPDATE submissions.attempts a
          SET status = $3, status_history = a.status_history || history_entry($3, $4, $5),
              ended_at = now(), updated_at = now()
        WHERE a.tenant_id = $1 AND a.status = ANY($6)
          -- Not so where the database may have forgotten that it was sent.
          AND submissions.is_agreed_history()
          AND a.id IN (SELECT l.attempt_id FROM submissions.attempt_submissions l
                        WHERE l.tenant_id = $1 AND l.live AND l.submission_id = ANY($2))
        RETURNING a.id`,
      [tx.tenantId, submissions, to, tx.actor, reason, attemptMachine.sourcesOf('discard')],
    );
    const attempts = ended.map(({ id }) => id);
    if (attempts.length > 0) await freeDiscarded(tx, attempts, reason);
  }
}

/** What follows from attempts that just became DISCARDED: channel accounts are free, payments wait again. */
export async function freeDiscarded(
  tx: TenantTx,
  attempts: readonly string[],
  reason: string,
): Promise<void> {
  await tx.execute(
    `UPDATE submissions.channel_accounts SET live_attempt = NULL, live_tenant = NULL, updated_at = now()
      WHERE live_tenant = $1 AND live_attempt = ANY($2)`,
    [tx.tenantId, attempts],
  );
  await giveBackOutflow(tx, attempts);
  const to = submissionMachine.targetOf('requeue');
  await tx.execute(
    `WITH freed AS (
       UPDATE submissions.attempt_submissions SET live = false
        WHERE tenant_id = $1 AND attempt_id = ANY($2) AND live RETURNING submission_id)
     UPDATE submissions.submissions s
        SET status = $3, status_history = s.status_history || history_entry($3, $4, $5),
            claimed_by = NULL, claimed_until = NULL, updated_at = now()
       FROM freed WHERE s.tenant_id = $1 AND s.id = freed.submission_id AND s.status = ANY($6)`,
    [tx.tenantId, attempts, to, tx.actor, reason, submissionMachine.sourcesOf('requeue')],
  );
}

/** Which of these submissions may not be signed or sent now. To be read in a new statement under `lockForSigning`. */
export async function heldAmong(tx: TenantTx, submissions: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ id: string }>(
    `SELECT s.id FROM submissions.submissions s
      WHERE s.tenant_id = $1 AND s.id = ANY($2)
        -- Asked once: where nothing at all is held, no submission is read.
        AND (EXISTS (SELECT FROM submissions.global_holds)
          OR EXISTS (SELECT FROM submissions.holds WHERE tenant_id = $1))
        AND (EXISTS (SELECT FROM submissions.global_holds)
          OR EXISTS (SELECT FROM submissions.holds h WHERE h.tenant_id = $1 AND ${HELD}))`,
    [tx.tenantId, submissions],
  );
  return new Set(rows.map(({ id }) => id));
}
