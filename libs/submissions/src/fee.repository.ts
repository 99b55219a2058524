import type { TenantTx } from '@libs/persistence';

/** What one attempt cost for the payments of one disbursement, or for one direct payment. In stroops. */
export interface ChargedFee {
  readonly attemptId: string;
  /** The disbursement, or the payment itself when it is a direct one. */
  readonly paidFor: string;
  readonly payments: number;
  readonly fee: bigint;
}

export interface FeesOf {
  /** In stroops. */
  readonly charged: bigint;
  readonly ledgerTransactions: number;
}

/** The only writer of `submissions.fees`: what ledgers charged, also for ledger transactions that failed. */
export class FeeRepository {
  async record(tx: TenantTx, fees: readonly ChargedFee[]): Promise<void> {
    if (fees.length === 0) return;
    await tx.execute(
      `INSERT INTO submissions.fees (tenant_id, paid_for, attempt_id, payments, fee)
       SELECT $1, f.paid_for, f.attempt_id, f.payments, f.fee
         FROM unnest($2::uuid[], $3::uuid[], $4::integer[], $5::bigint[]) AS f (paid_for, attempt_id, payments, fee)`,
      [
        tx.tenantId,
        fees.map((one) => one.paidFor),
        fees.map((one) => one.attemptId),
        fees.map((one) => one.payments),
        fees.map((one) => one.fee),
      ],
    );
  }

  /** All fees of a disbursement, or of a direct payment, so far. */
  async of(tx: TenantTx, paidFor: string): Promise<FeesOf> {
    const row = await tx.queryOne<{ charged: bigint; count: bigint }>(
      `SELECT coalesce(sum(fee), 0)::bigint AS charged, count(*) AS count
         FROM submissions.fees WHERE tenant_id = $1 AND paid_for = $2`,
      [tx.tenantId, paidFor],
    );
    return { charged: row?.charged ?? 0n, ledgerTransactions: Number(row?.count ?? 0n) };
  }
}
