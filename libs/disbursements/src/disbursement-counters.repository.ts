import { PAYMENT_STATUSES, type PaymentStatus } from '@libs/contracts';
import type { TenantTx } from '@libs/persistence';

/** By how much the count and the sum of one status of one disbursement change. */
export interface CounterShift {
  readonly disbursementId: string;
  readonly status: PaymentStatus;
  readonly count: number;
  /** In stroops. */
  readonly amount: bigint;
}

const COLUMNS = PAYMENT_STATUSES.map((status) => {
  const name = status.toLowerCase();
  return `count_${name} = d.count_${name} + s.count_${name}, amount_${name} = d.amount_${name} + s.amount_${name}`;
}).join(', ');

const SUMS = PAYMENT_STATUSES.map((status) => {
  const name = status.toLowerCase();
  const where = `FILTER (WHERE status = '${status}')`;
  return `coalesce(sum(count) ${where}, 0)::integer AS count_${name}, coalesce(sum(amount) ${where}, 0)::bigint AS amount_${name}`;
}).join(', ');

/** Adds to the counters of disbursements. Only for who moves or publishes payments, in the same database transaction. */
export async function shiftCounters(tx: TenantTx, shifts: readonly CounterShift[]): Promise<void> {
  if (shifts.length === 0) return;
  await tx.execute(
    `UPDATE disbursements.disbursements d SET ${COLUMNS}, updated_at = now()
       FROM (SELECT disbursement_id, ${SUMS}
               FROM unnest($2::uuid[], $3::text[], $4::integer[], $5::bigint[]) AS given (disbursement_id, status, count, amount)
              GROUP BY disbursement_id) s
      WHERE d.tenant_id = $1 AND d.id = s.disbursement_id`,
    [
      tx.tenantId,
      shifts.map((shift) => shift.disbursementId),
      shifts.map((shift) => shift.status),
      shifts.map((shift) => shift.count),
      shifts.map((shift) => shift.amount),
    ],
  );
}

/** What takes everything out of the counters of a disbursement, which the caller has locked. */
export async function emptyingShifts(tx: TenantTx, disbursementId: string): Promise<readonly CounterShift[]> {
  const counters = PAYMENT_STATUSES.map((status) => {
    const name = status.toLowerCase();
    return `('${status}', count_${name}, amount_${name})`;
  }).join(', ');
  const rows = await tx.query<{ status: PaymentStatus; count: number; amount: bigint }>(
    `SELECT k.status, k.count, k.amount FROM disbursements.disbursements d,
            LATERAL (VALUES ${counters}) AS k (status, count, amount)
      WHERE d.tenant_id = $1 AND d.id = $2 AND k.count <> 0`,
    [tx.tenantId, disbursementId],
  );
  return rows.map(({ status, count, amount }) => ({
    disbursementId,
    status,
    count: -count,
    amount: -amount,
  }));
}
