/** A ledger is full when no more envelopes of a hundred payments fit: nine of ten, by the operations of a thousand. */
const FULL_OPERATIONS = 900;

export interface LedgerLoad {
  readonly sequence: number;
  readonly operations: number;
}

/**
 * How many ledgers after `start` payments are at full speed again: the place of the first one from which on every one is full.
 * What had been sent before fills some ledgers after `start` whatever happens, so one full ledger says nothing; the thinnest
 * one that comes later does. The last ones may hold less where nothing is left to pay. One more than there are ledgers where
 * the last of them is not full.
 *
 * `ledgers`: all since the first of `payments` payments was handed over, in order.
 */
export function ledgersToFullSpeed(
  ledgers: readonly LedgerLoad[],
  { start, payments }: { readonly start: number; readonly payments: number },
): number {
  let paid = 0;
  let lastThin = start;
  for (const { sequence, operations } of ledgers) {
    paid += operations;
    if (sequence > start && operations < FULL_OPERATIONS && paid < payments) lastThin = sequence;
  }
  return lastThin - start + 1;
}
