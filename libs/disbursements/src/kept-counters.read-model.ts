import type { PaymentStatus } from '@libs/contracts';
import type { SystemTx } from '@libs/persistence';

/** A disbursement whose counters are to be compared with its payments. */
export interface CountedDisbursement {
  readonly tenantId: string;
  readonly id: string;
  /** How many payments it has, as it says itself: about what the comparison costs. */
  readonly payments: number;
}

/** A status in which counters and payments differ. */
export interface WrongCounter {
  readonly status: PaymentStatus;
  readonly keptCount: number;
  readonly count: number;
  /** In stroops. */
  readonly keptAmount: bigint;
  readonly amount: bigint;
}

interface WrongRow {
  readonly status: PaymentStatus;
  readonly kept_count: number;
  readonly count: number;
  readonly kept_amount: string;
  readonly amount: string;
}

/** Counters of disbursements beside the payments that they count. */
export class KeptCountersRead {
  /** The next disbursements of all tenants in the order of tenant and id, at most `limit`. */
  async next(
    tx: SystemTx,
    after: { readonly tenantId: string; readonly id: string },
    limit: number,
  ): Promise<readonly CountedDisbursement[]> {
    return await tx.query<CountedDisbursement & Record<string, unknown>>(
      `SELECT tenant_id AS "tenantId", id, count_draft + count_ready + count_pending + count_paused + count_success
              + count_failed + count_canceled AS payments
         FROM disbursements.disbursements WHERE (tenant_id, id) > ($1, $2) ORDER BY tenant_id, id LIMIT $3`,
      [after.tenantId, after.id, limit],
    );
  }

  /** Both at the same moment: one statement sees one state of the database. Rows of a file that is not published yet do not count. */
  async wrong(tx: SystemTx, disbursement: CountedDisbursement): Promise<readonly WrongCounter[]> {
    const rows = await tx.query<WrongRow & Record<string, unknown>>(
      `WITH kept AS (
         SELECT current_upload_id AS upload, upper(k.name) AS status, k.count, k.amount
           FROM disbursements.disbursements d,
                LATERAL unnest(ARRAY['draft', 'ready', 'pending', 'paused', 'success', 'failed', 'canceled'],
                  ARRAY[count_draft, count_ready, count_pending, count_paused, count_success, count_failed, count_canceled],
                  ARRAY[amount_draft, amount_ready, amount_pending, amount_paused, amount_success, amount_failed, amount_canceled])
                  AS k (name, count, amount)
          WHERE d.tenant_id = $1 AND d.id = $2),
       found AS (
         SELECT status, count(*)::int AS count, sum(amount) AS amount FROM disbursements.payments p
          WHERE p.tenant_id = $1 AND p.disbursement_id = $2
            AND (p.status <> 'DRAFT' OR p.upload_id IS NOT DISTINCT FROM (SELECT upload FROM kept LIMIT 1))
          GROUP BY status)
       SELECT kept.status, kept.count AS kept_count, coalesce(found.count, 0) AS count, kept.amount::text AS kept_amount,
              coalesce(found.amount, 0)::text AS amount
         FROM kept LEFT JOIN found USING (status)
        WHERE kept.count <> coalesce(found.count, 0) OR kept.amount <> coalesce(found.amount, 0) ORDER BY kept.status`,
      [disbursement.tenantId, disbursement.id],
    );
    return rows.map((row) => ({
      status: row.status,
      keptCount: row.kept_count,
      count: row.count,
      keptAmount: BigInt(row.kept_amount),
      amount: BigInt(row.amount),
    }));
  }
}
