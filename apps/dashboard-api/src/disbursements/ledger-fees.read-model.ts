import type { TenantTx, UnitOfWork } from '@libs/persistence';

import { EXACT_MAX, RecentTotals } from '../lists/recent-totals';

interface Fees {
  /** In stroops of XLM. */
  readonly charged: bigint;
  readonly ledgerTransactions: number;
}

/**
 * What ledgers charged for a disbursement: exact up to 10,000 ledger transactions, above that at most 5 s old. No counter, because
 * then all that settle payments of a disbursement at the same moment would wait for its row.
 */
export class LedgerFees {
  private readonly recent: RecentTotals<Fees>;

  constructor(unitOfWork: UnitOfWork) {
    this.recent = new RecentTotals(unitOfWork, ({ ledgerTransactions }) => ledgerTransactions > EXACT_MAX);
  }

  /** In stroops of XLM. */
  async of(tx: TenantTx, disbursementId: string): Promise<bigint> {
    const { charged } = await this.recent.of(tx, disbursementId, async (own) => {
      const row = await own.queryOne<Fees & Record<string, unknown>>(
        `SELECT coalesce(sum(fee), 0)::bigint AS charged, count(*)::int AS "ledgerTransactions"
           FROM submissions.fees WHERE tenant_id = $1 AND paid_for = $2`,
        [own.tenantId, disbursementId],
      );
      return row ?? { charged: 0n, ledgerTransactions: 0 };
    });
    return charged;
  }
}
