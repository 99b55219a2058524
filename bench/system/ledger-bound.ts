import type { LedgerPace } from './sandbox-network';

/**
 * The least time that a ledger needs for so many payments: as many ledgers as it takes to hold them at this envelope size (a
 * fee bump counts as one operation more), and the one that was closing when the first payment came.
 */
export function ledgerBoundMs(payments: number, perEnvelope: number, pace: LedgerPace): number {
  const size = Math.min(perEnvelope, payments);
  const envelopes = Math.floor(pace.capacity / (size + 1));
  return (Math.ceil(payments / (envelopes * size)) + 1) * pace.closeMs;
}
