/** After so many ledgers a count is not asked for any more. */
const KEPT_LEDGERS = 200;

/**
 * Compares how many ledger transactions each ledger has with how many of them were told: a node or a stream may leave some
 * out, and what was left out must not pass for "not in any ledger".
 */
export class LedgerCounts {
  private readonly expected = new Map<number, number>();
  private readonly told = new Map<number, number>();

  /** `first` is the first ledger that is told as a whole. */
  constructor(private readonly first: number) {}

  expect(ledger: number, count: number): void {
    if (ledger < this.first) return;
    this.expected.set(ledger, count);
    for (const counts of [this.expected, this.told]) {
      for (const old of counts.keys()) if (old < ledger - KEPT_LEDGERS) counts.delete(old);
    }
  }

  tell(ledger: number): void {
    this.told.set(ledger, (this.told.get(ledger) ?? 0) + 1);
  }

  /** Instead of what was told one by one. */
  set(ledger: number, count: number): void {
    this.told.set(ledger, count);
  }

  isComplete(ledger: number): boolean {
    return ledger < this.first || (this.told.get(ledger) ?? 0) >= (this.expected.get(ledger) ?? 0);
  }

  /** Ledgers up to this one of which something is missing, oldest first. */
  missing(upTo: number): readonly number[] {
    return [...this.expected.keys()]
      .filter((ledger) => ledger <= upTo && !this.isComplete(ledger))
      .sort((one, other) => one - other);
  }

  /** Does not ask for this ledger any more. */
  giveUp(ledger: number): void {
    this.expected.delete(ledger);
  }
}
