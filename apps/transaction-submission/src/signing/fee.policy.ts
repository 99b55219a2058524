import type { FeeStats } from '@libs/ledger';

const MIN_FEE_RATE = 100n;
/** A node that still queues an envelope takes another one in its place for ten times its fee. */
const REPLACEMENT_FACTOR = 10n;

const within = (rate: bigint, max: bigint): bigint => {
  const raised = rate < MIN_FEE_RATE ? MIN_FEE_RATE : rate;
  return raised > max ? max : raised;
};

/**
 * The first bid, in stroops per operation: what the last ledgers charged. No more, also where they were full: it may be we
 * who fill them, and would bid against ourselves. Whoever bids more shows by a refusal or by what ledgers charge then.
 */
export function firstBid(stats: FeeStats | null, max: bigint): bigint {
  if (stats === null) return within(MIN_FEE_RATE, max);
  return within(stats.chargedP90 > stats.baseFee ? stats.chargedP90 : stats.baseFee, max);
}

/**
 * The bid of the next envelope of an attempt, or null when it may not go higher.
 *
 * `feeNeeded` is the whole fee that the node asked for; the fee bump counts as one more operation. `market` is what the last
 * ledgers charged per operation.
 */
export function nextBid(
  step: 'again' | 'bump' | 'renew' | 'outbid',
  options: {
    readonly feeRate: bigint;
    readonly operations: number;
    readonly feeNeeded: bigint | null;
    readonly market: bigint | null;
    readonly max: bigint;
  },
): bigint | null {
  const { feeRate, max } = options;
  const wanted = wantedBid(step, options);
  // Less than ten times as much does not take the place of what is queued.
  if (step === 'outbid' && wanted > max) return null;
  const next = within(wanted, max);
  return next > feeRate ? next : null;
}

function wantedBid(
  step: 'again' | 'bump' | 'renew' | 'outbid',
  { feeRate, operations, feeNeeded, market }: Parameters<typeof nextBid>[1],
): bigint {
  switch (step) {
    case 'again':
      return feeRate;
    case 'bump': {
      const units = BigInt(operations + 1);
      return highest(feeRate * 2n, feeNeeded === null ? 0n : (feeNeeded + units - 1n) / units);
    }
    case 'renew':
      return highest(feeRate + 1n, market ?? 0n);
    case 'outbid':
      return feeRate * REPLACEMENT_FACTOR;
  }
}

const highest = (one: bigint, other: bigint): bigint => (one > other ? one : other);
