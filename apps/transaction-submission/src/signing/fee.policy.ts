import type { FeeStats } from '@libs/ledger';

const MIN_FEE_RATE = 100n;
/** Above this share of its capacity a ledger is about to price by demand. */
const CROWDED = 0.9;

const within = (rate: bigint, max: bigint): bigint => {
  const raised = rate < MIN_FEE_RATE ? MIN_FEE_RATE : rate;
  return raised > max ? max : raised;
};

/** The first bid, in stroops per operation: what the last ledgers charged, doubled when they were nearly full. */
export function firstBid(stats: FeeStats | null, max: bigint): bigint {
  if (stats === null) return within(MIN_FEE_RATE, max);
  const charged = stats.chargedP90 > stats.baseFee ? stats.chargedP90 : stats.baseFee;
  return within(stats.capacityUsage >= CROWDED ? charged * 2n : charged, max);
}

/**
 * The next bid after a node said that the last one was too low, or null when it may not go higher.
 *
 * `feeNeeded` is the whole fee that the node asked for; the fee bump counts as one more operation.
 */
export function raisedBid(options: {
  readonly feeRate: bigint;
  readonly operations: number;
  readonly feeNeeded: bigint | null;
  readonly max: bigint;
}): bigint | null {
  const { feeRate, operations, feeNeeded, max } = options;
  const units = BigInt(operations + 1);
  const asked = feeNeeded === null ? 0n : (feeNeeded + units - 1n) / units;
  const doubled = feeRate * 2n;
  const next = within(asked > doubled ? asked : doubled, max);
  return next > feeRate ? next : null;
}
