import { PAYMENT_STATUSES, type PaymentStatus } from '@libs/contracts';
import type { TenantTx } from '@libs/persistence';
import { isPublished } from '@libs/receivers';

import { type AssetTotals, type PaymentTotal, type Statistics, totalsByAsset } from './statistics';

interface TotalRow {
  readonly asset_code: string;
  readonly asset_issuer: string;
  readonly status: PaymentStatus;
  readonly count: bigint;
  /** As a text: a sum may be larger than the largest bigint of the database. */
  readonly amount: string;
}

interface WalletRow {
  readonly status: string;
  readonly count: number;
}

/** Above this many rows an answer may be five seconds old: nobody counts a million wallets twice a second. */
const FRESH_MAX = 10_000;
const KEEP_MS = 5_000;
const KEPT_MAX = 1_000;

/** One row per status out of the counters that a disbursement keeps. */
const COUNTERS = PAYMENT_STATUSES.map((status) => {
  const name = status.toLowerCase();
  return `('${status}', d.count_${name}, d.amount_${name})`;
}).join(', ');

/**
 * Counts of payments come from the counters of disbursements, so they cost the same for ten payments and for a million;
 * only direct payments, which belong to none, are counted one by one.
 */
const OF_TENANT = `
  SELECT a.code AS asset_code, a.issuer AS asset_issuer, t.status, sum(t.count)::bigint AS count, sum(t.amount)::text AS amount
    FROM (SELECT d.asset_id, c.status, c.count::bigint AS count, c.amount
            FROM disbursements.disbursements d CROSS JOIN LATERAL (VALUES ${COUNTERS}) AS c (status, count, amount)
           WHERE d.tenant_id = $1
          UNION ALL
          SELECT p.asset_id, p.status, count(*), sum(p.amount)
            FROM disbursements.payments p
           WHERE p.tenant_id = $1 AND p.disbursement_id IS NULL
           GROUP BY p.asset_id, p.status) AS t
    JOIN catalogue.assets a ON a.tenant_id = $1 AND a.id = t.asset_id
   WHERE t.count > 0
   GROUP BY a.code, a.issuer, t.status
   ORDER BY a.code, a.issuer`;

const OF_DISBURSEMENT = `
  SELECT a.code AS asset_code, a.issuer AS asset_issuer, c.status, c.count::bigint AS count, c.amount::text AS amount
    FROM disbursements.disbursements d
    CROSS JOIN LATERAL (VALUES ${COUNTERS}) AS c (status, count, amount)
    JOIN catalogue.assets a ON a.tenant_id = $1 AND a.id = d.asset_id
   WHERE d.tenant_id = $1 AND d.id = $2 AND c.count > 0`;

const WALLETS_OF_DISBURSEMENT = `
  SELECT w.status, count(*)::int AS count
    FROM receivers.receiver_wallets w
   WHERE w.tenant_id = $1 AND w.id IN (
     SELECT p.receiver_wallet_id FROM disbursements.payments p WHERE p.tenant_id = $1 AND p.disbursement_id = $2)
   GROUP BY w.status`;

export class StatisticsReadModel {
  private readonly kept = new Map<string, { readonly statistics: Statistics; readonly madeAt: number }>();

  async ofTenant(tx: TenantTx): Promise<Statistics> {
    return await this.orKept(tx.tenantId, async () => {
      const payments = await this.totals(tx, OF_TENANT, [tx.tenantId]);
      const wallets = await tx.query<WalletRow & Record<string, unknown>>(
        `SELECT status, count(*)::int AS count FROM receivers.receiver_wallets w
          WHERE tenant_id = $1 AND ${isPublished('w')} GROUP BY status`,
        [tx.tenantId],
      );
      const counts = await tx.queryOne<{ readonly receivers: number; readonly disbursements: number }>(
        `SELECT (SELECT count(*)::int FROM receivers.receivers r WHERE tenant_id = $1 AND ${isPublished('r')}) AS receivers,
                (SELECT count(*)::int FROM disbursements.disbursements WHERE tenant_id = $1) AS disbursements`,
        [tx.tenantId],
      );
      return {
        payments,
        wallets: walletCounts(wallets),
        receivers: counts?.receivers ?? 0,
        disbursements: counts?.disbursements ?? 0,
      };
    });
  }

  /** Null when there is no such disbursement. */
  async ofDisbursement(tx: TenantTx, id: string): Promise<Statistics | null> {
    const known = await tx.queryOne(
      `SELECT FROM disbursements.disbursements WHERE tenant_id = $1 AND id = $2`,
      [tx.tenantId, id],
    );
    if (known === null) return null;
    return await this.orKept(`${tx.tenantId}/${id}`, async () => {
      const payments = await this.totals(tx, OF_DISBURSEMENT, [tx.tenantId, id]);
      const wallets = await tx.query<WalletRow & Record<string, unknown>>(WALLETS_OF_DISBURSEMENT, [
        tx.tenantId,
        id,
      ]);
      // One receiver wallet per person and wallet provider, and a disbursement has one provider.
      const counts = walletCounts(wallets);
      const receivers = [...counts.values()].reduce((sum, count) => sum + count, 0);
      return { payments, wallets: counts, receivers, disbursements: null };
    });
  }

  private async totals(tx: TenantTx, text: string, values: readonly string[]): Promise<AssetTotals[]> {
    const rows = await tx.query<TotalRow & Record<string, unknown>>(text, values);
    return totalsByAsset(
      rows.map((row): PaymentTotal => ({
        code: row.asset_code,
        issuer: row.asset_issuer,
        status: row.status,
        count: row.count,
        amount: BigInt(row.amount),
      })),
    );
  }

  private async orKept(key: string, make: () => Promise<Statistics>): Promise<Statistics> {
    const known = this.kept.get(key);
    if (known !== undefined && performance.now() - known.madeAt < KEEP_MS) return known.statistics;
    const statistics = await make();
    this.kept.delete(key);
    if (statistics.receivers > FRESH_MAX) {
      if (this.kept.size >= KEPT_MAX) this.kept.clear();
      this.kept.set(key, { statistics, madeAt: performance.now() });
    }
    return statistics;
  }
}

const walletCounts = (rows: readonly WalletRow[]): ReadonlyMap<string, number> =>
  new Map(rows.map(({ status, count }) => [status, count]));
