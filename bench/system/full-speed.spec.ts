import { type LedgerLoad, ledgersToFullSpeed } from './full-speed';

describe('the ledgers until payments are at full speed again', () => {
  /** Ledger 1 and those after it, with so many operations. */
  const ledgers = (...operations: readonly number[]): readonly LedgerLoad[] =>
    operations.map((count, index) => ({ sequence: index + 1, operations: count }));

  it('are one when none is less than full', () => {
    expect(ledgersToFullSpeed(ledgers(900, 0, 990, 990, 990), { start: 2, payments: 9_000 })).toBe(1);
  });

  it('are counted to the last one that has too little, whatever was sent before fills the first ones', () => {
    const some = ledgers(990, 990, 990, 990, 300, 990, 990);
    expect(ledgersToFullSpeed(some, { start: 2, payments: 9_000 })).toBe(4);
    expect(ledgersToFullSpeed(ledgers(990, 990, 990, 0), { start: 2, payments: 9_000 })).toBe(3);
  });

  it('do not take a ledger for too empty when nothing was left to pay', () => {
    expect(ledgersToFullSpeed(ledgers(990, 990, 990, 30, 0), { start: 1, payments: 3_000 })).toBe(1);
  });
});
