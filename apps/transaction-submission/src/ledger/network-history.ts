import type { LedgerHeader } from '@libs/ledger';

/** What is remembered of one ledger. */
export type SeenLedger = Pick<LedgerHeader, 'sequence' | 'hash' | 'closedAt'>;

const KEPT = 256;

/** The ledgers that were seen, to notice when somebody shows another history than that. */
export class NetworkHistory {
  private readonly hashes = new Map<number, string>();
  private newest: SeenLedger | null = null;

  get latest(): SeenLedger | null {
    return this.newest;
  }

  /** Takes a ledger that contradicts nothing. */
  remember(ledger: SeenLedger): void {
    this.hashes.set(ledger.sequence, ledger.hash);
    if (this.newest === null || ledger.sequence > this.newest.sequence) this.newest = ledger;
    for (const old of this.hashes.keys()) {
      if (this.hashes.size <= KEPT) break;
      this.hashes.delete(old);
    }
  }

  /** Why this ledger cannot be of the same history, or null when nothing speaks against it. */
  contradictionOf(ledger: LedgerHeader): string | null {
    const { newest } = this;
    const name = `ledger ${String(ledger.sequence)}`;
    const known = this.hashes.get(ledger.sequence);
    if (known !== undefined && known !== ledger.hash) return `${name} is another one than was seen before`;
    const before = this.hashes.get(ledger.sequence - 1);
    if (before !== undefined && ledger.previousHash !== '' && ledger.previousHash !== before) {
      return `${name} does not follow the one that was seen before it`;
    }
    if (newest === null || ledger.sequence >= newest.sequence || ledger.closedAt <= newest.closedAt)
      return null;
    return `${name} closed after ledger ${String(newest.sequence)}: the network was reset`;
  }

  /** Whether it is known to follow what was seen: not so when ledgers between them were never seen. */
  isLinked(ledger: LedgerHeader): boolean {
    return this.newest === null || this.hashes.has(ledger.sequence) || this.hashes.has(ledger.sequence - 1);
  }
}
