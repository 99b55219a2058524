import type { PaymentStatus } from '@libs/contracts';
import { paymentMachine, type PaymentMove } from '@libs/domain';
import { invariant, LOWEST_ID } from '@libs/kernel';
import { ofNamedRows, type TenantTx } from '@libs/persistence';

import { type CounterShift, shiftCounters } from './disbursement-counters.repository';

export interface MovedPayment {
  readonly id: string;
  readonly disbursementId: string | null;
  readonly receiverWalletId: string;
  readonly assetId: string;
  /** In stroops. */
  readonly amount: bigint;
  readonly dispatch: number;
  readonly from: PaymentStatus;
}

interface MovedRow {
  readonly id: string;
  readonly disbursement_id: string | null;
  readonly receiver_wallet_id: string;
  readonly asset_id: string;
  readonly amount: bigint;
  readonly dispatch: number;
  readonly from_status: PaymentStatus;
}

/** What else a move writes into its row, beside status and history: SQL over `p` and the parameters from $7 on. */
export interface MoveExtras {
  readonly set: string;
  readonly values: readonly (string | number | Date | null | readonly (string | null)[])[];
  /** Joins one row of values per payment: `unnest(…) AS given (id, …)`. */
  readonly given?: string;
}

/** Payments of one disbursement in the order of their ids, from behind `after` (null: from the first), at most `limit`. */
export interface NextPayments {
  readonly disbursementId: string;
  readonly after: string | null;
  readonly limit: number;
}

export interface MovedChunk {
  /** The last one that moved; null when none behind `after` is in the state that the move leaves. */
  readonly last: string | null;
}

interface MovedChunkRow {
  readonly count: number;
  readonly amount: bigint;
  readonly last: string | null;
}

/**
 * The only place that writes the status of a payment.
 *
 * Each call moves a set: those of `ids` that are in a state which the move leaves. The disbursement's counters
 * move with them in the same database transaction, so they can never disagree with the rows.
 */
export class PaymentMoves {
  /**
   * Returns what moved; an id that is missing was in another state, disputed, or unknown.
   *
   * Locks disbursements before payments, both in the order of their ids: every caller in the same order, no deadlock.
   */
  async move(
    tx: TenantTx,
    move: PaymentMove,
    ids: readonly string[],
    reason = '',
    extras?: MoveExtras,
  ): Promise<readonly MovedPayment[]> {
    if (ids.length === 0) return [];
    await lockDisbursementsOf(tx, ids);
    return await this.moveLocked(tx, move, ids, reason, extras);
  }

  /**
   * `move` for a caller that has locked the disbursements of these payments with `lockDisbursementsOf` in this database transaction.
   * Their one entry of history is made when all are locked, so that none has a later one before it.
   */
  async moveLocked(
    tx: TenantTx,
    move: PaymentMove,
    ids: readonly string[],
    reason = '',
    extras?: MoveExtras,
  ): Promise<readonly MovedPayment[]> {
    if (ids.length === 0) return [];
    const target = paymentMachine.targetOf(move);
    const rows = await tx.query<MovedRow>(
      `WITH before AS (
         SELECT tenant_id, id, status FROM disbursements.payments
          WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND ${ofNamedRows('status = ANY($3)')} AND NOT disputed
          ORDER BY id FOR UPDATE)
       UPDATE disbursements.payments p
          SET status = $4, status_history = p.status_history || (SELECT history_entry($4, $5, $6) FROM (SELECT count(*) FROM before) locked),
              updated_at = now() ${extras === undefined ? '' : `, ${extras.set}`}
         FROM before ${extras?.given === undefined ? '' : `JOIN ${extras.given} USING (id)`}
        WHERE p.tenant_id = before.tenant_id AND p.id = before.id
        RETURNING p.id, p.disbursement_id, p.receiver_wallet_id, p.asset_id, p.amount, p.dispatch, before.status AS from_status`,
      [tx.tenantId, ids, paymentMachine.sourcesOf(move), target, tx.actor, reason, ...(extras?.values ?? [])],
    );
    await shiftCounters(tx, shiftsOf(rows, target));
    return rows.map(movedPaymentOf);
  }

  /**
   * Moves the next payments of a disbursement that the caller has locked: found, moved and summed up in one statement. Only for
   * moves out of a single state. `set` is what `MoveExtras` has, without parameters, and may ask `chosen` for all that move.
   *
   * Rows are found again by all their ids together: ids that were drawn one after another are side by side in the index, which
   * PostgreSQL then goes along once, instead of coming down from its top for each.
   *
   * The commit does not wait for the disk when something moved: what PostgreSQL loses of it when it dies is found and moved again,
   * as the caller's goal is on disk, and whatever is done because of the move has a commit of its own, behind this one on the disk.
   *
   * `after` is for speed: entries that earlier chunks left in the index need not be passed again. Nothing is left only when nothing
   * was found from the first one on.
   */
  async moveNext(
    tx: TenantTx,
    move: 'release' | 'pause' | 'resume',
    { disbursementId, after, limit }: NextPayments,
    set?: string,
  ): Promise<MovedChunk> {
    const [from, ...others] = paymentMachine.sourcesOf(move);
    invariant(from !== undefined && others.length === 0, `${move} leaves one state`);
    const target = paymentMachine.targetOf(move);
    const row = await tx.queryOne<MovedChunkRow & Record<string, unknown>>(
      `WITH chosen AS (
         SELECT id, receiver_wallet_id FROM disbursements.payments
          WHERE tenant_id = $1 AND disbursement_id = $2 AND status = ANY($3) AND id > $4 AND NOT disputed
          ORDER BY status, id LIMIT $5 FOR UPDATE),
       moved AS (
         UPDATE disbursements.payments p
            SET status = $6, status_history = p.status_history || (SELECT history_entry($6, $7, '')), updated_at = now()
                ${set === undefined ? '' : `, ${set}`}
          WHERE p.tenant_id = $1 AND p.id = ANY(ARRAY(SELECT id FROM chosen))
         RETURNING p.amount)
       SELECT count(*)::int AS count, coalesce(sum(amount), 0)::bigint AS amount,
              (SELECT id FROM chosen ORDER BY id DESC LIMIT 1) AS last,
              CASE WHEN count(*) > 0 THEN set_config('synchronous_commit', 'off', true) END AS commits
         FROM moved`,
      [tx.tenantId, disbursementId, [from], after ?? LOWEST_ID, limit, target, tx.actor],
    );
    if (row === null || row.count === 0) return { last: null };
    const { count, amount, last } = row;
    await shiftCounters(tx, [
      { disbursementId, status: from, count: -count, amount: -amount },
      { disbursementId, status: target, count, amount },
    ]);
    return { last };
  }
}

/** Whoever touches payments locks their disbursements first, in the order of their ids: the one order of all callers. */
export async function lockDisbursementsOf(tx: TenantTx, paymentIds: readonly string[]): Promise<void> {
  await tx.query(
    `SELECT 1 FROM disbursements.disbursements
      WHERE tenant_id = $1 AND id IN (
        SELECT disbursement_id FROM disbursements.payments WHERE tenant_id = $1 AND id = ANY($2::uuid[]))
      ORDER BY id FOR NO KEY UPDATE`,
    [tx.tenantId, paymentIds],
  );
}

/** How the counters of each disbursement change: what left a state, and what came to the target. */
function shiftsOf(rows: readonly MovedRow[], target: PaymentStatus): CounterShift[] {
  const shifts = new Map<string, CounterShift>();
  const add = (disbursementId: string, status: PaymentStatus, count: number, amount: bigint): void => {
    const key = `${disbursementId} ${status}`;
    const before = shifts.get(key) ?? { disbursementId, status, count: 0, amount: 0n };
    shifts.set(key, { ...before, count: before.count + count, amount: before.amount + amount });
  };
  for (const row of rows) {
    if (row.disbursement_id === null) continue;
    add(row.disbursement_id, row.from_status, -1, -row.amount);
    add(row.disbursement_id, target, 1, row.amount);
  }
  return [...shifts.values()];
}

const movedPaymentOf = (row: MovedRow): MovedPayment => ({
  id: row.id,
  disbursementId: row.disbursement_id,
  receiverWalletId: row.receiver_wallet_id,
  assetId: row.asset_id,
  amount: row.amount,
  dispatch: row.dispatch,
  from: row.from_status,
});
