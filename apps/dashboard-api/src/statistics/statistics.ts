import { PAYMENT_STATUSES, type PaymentStatus, RECEIVER_WALLET_STATUSES } from '@libs/contracts';
import { formatAmount } from '@libs/kernel';

import { averageOf } from '../disbursements/disbursement-json';

/** How many payments of one asset are in one status, and their sum in stroops. */
export interface PaymentTotal {
  readonly code: string;
  readonly issuer: string;
  readonly status: PaymentStatus;
  readonly count: bigint;
  readonly amount: bigint;
}

export interface AssetTotals {
  readonly code: string;
  readonly issuer: string;
  readonly byStatus: ReadonlyMap<PaymentStatus, { readonly count: bigint; readonly amount: bigint }>;
}

export interface Statistics {
  readonly payments: readonly AssetTotals[];
  readonly wallets: ReadonlyMap<string, number>;
  readonly receivers: number;
  /** Null for the statistics of one disbursement. */
  readonly disbursements: number | null;
}

/** Two assets of one code and different issuers are two assets. */
export function totalsByAsset(totals: readonly PaymentTotal[]): AssetTotals[] {
  const assets = new Map<string, AssetTotals & { readonly byStatus: Map<PaymentStatus, PaymentTotal> }>();
  for (const total of totals) {
    const key = `${total.code}:${total.issuer}`;
    const asset = assets.get(key) ?? { code: total.code, issuer: total.issuer, byStatus: new Map() };
    asset.byStatus.set(total.status, total);
    assets.set(key, asset);
  }
  return [...assets.values()];
}

export function statisticsJson(statistics: Statistics): object {
  const { payments, wallets, receivers, disbursements } = statistics;
  const paymentCounts = PAYMENT_STATUSES.map((status) => [
    status.toLowerCase(),
    Number(payments.reduce((sum, { byStatus }) => sum + (byStatus.get(status)?.count ?? 0n), 0n)),
  ]);
  const walletCounts = RECEIVER_WALLET_STATUSES.map((status) => [
    status.toLowerCase(),
    wallets.get(status) ?? 0,
  ]);
  return {
    payment_counters: withTotal(paymentCounts),
    payment_amounts_by_asset: payments.map((asset) => ({
      asset_code: asset.code,
      asset_issuer: asset.issuer,
      payment_amounts: amountsOf(asset),
    })),
    receiver_wallets_counters: withTotal(walletCounts),
    total_receivers: receivers,
    ...(disbursements === null ? {} : { total_disbursements: disbursements }),
  };
}

function withTotal(counts: readonly (string | number)[][]): object {
  const total = counts.reduce((sum, [, count]) => sum + Number(count), 0);
  return { ...(Object.fromEntries(counts) as Record<string, number>), total };
}

/** Amounts with seven decimals; empty where there is no payment in that status. */
function amountsOf({ byStatus }: AssetTotals): object {
  const all = [...byStatus.values()];
  const count = all.reduce((sum, one) => sum + one.count, 0n);
  const total = all.reduce((sum, one) => sum + one.amount, 0n);
  const amounts = PAYMENT_STATUSES.map((status) => {
    const inStatus = byStatus.get(status);
    return [status.toLowerCase(), inStatus === undefined ? '' : formatAmount(inStatus.amount)];
  });
  return {
    ...(Object.fromEntries(amounts) as Record<string, string>),
    average: count === 0n ? '' : formatAmount(averageOf(total, Number(count))),
    total: formatAmount(total),
  };
}
