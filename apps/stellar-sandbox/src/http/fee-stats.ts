import type { History, TransactionRecord } from '../history/history';
import type { Json } from './views';

/** Horizon looks at the last five ledgers only, so it forgets a surge in five ledgers. */
const LEDGERS = 5;
const PERCENTILES = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99] as const;

function mode(sorted: readonly bigint[], fallback: bigint): bigint {
  let best = { value: fallback, count: 0 };
  const counts = new Map<bigint, number>();
  for (const value of sorted) {
    const count = (counts.get(value) ?? 0) + 1;
    counts.set(value, count);
    if (count > best.count) best = { value, count };
  }
  return best.value;
}

function distribution(values: readonly bigint[], fallback: bigint): Json {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : Number(a > b)));
  const at = (percent: number): string =>
    String(sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? fallback);
  return {
    max: at(100),
    min: at(0),
    mode: String(mode(sorted, fallback)),
    ...Object.fromEntries(PERCENTILES.map((percent) => [`p${String(percent)}`, at(percent)])),
  };
}

const perOperation = (fee: bigint, { weight }: TransactionRecord): bigint =>
  fee / BigInt(Math.max(1, weight));

export function feeStatsView(history: History): Json {
  const { latest } = history;
  const first = history.ledger(latest.header.sequence - LEDGERS + 1) ?? latest;
  const recent = history.transactions.since(first.firstAt);
  const { baseFee, capacity, sequence } = latest.header;
  const usage = latest.setOperations / capacity;
  return {
    last_ledger: String(sequence),
    last_ledger_base_fee: String(baseFee),
    ledger_capacity_usage: String(Math.round(usage * 100) / 100),
    fee_charged: distribution(
      recent.map((record) => perOperation(record.feeCharged, record)),
      baseFee,
    ),
    max_fee: distribution(
      recent.map((record) => perOperation(record.feeBid, record)),
      baseFee,
    ),
  };
}
