import type { LedgerTransaction, LookupQuery } from '@libs/ledger';

const LEDGER_SHIFT = 32n;

export const ledgerOfToken = (token: bigint): number => Number(token >> LEDGER_SHIFT);
/** Just before the first ledger transaction of a ledger. */
export const tokenOfLedger = (ledger: number): bigint => BigInt(ledger) << LEDGER_SHIFT;

/** How many ledger transactions are remembered; older ones go first. */
const KEPT_MAX = 50_000;

/** The ledger transactions of the newest ledgers, by what identifies an attempt. */
export class SeenTransactions {
  private readonly byHash = new Map<string, LedgerTransaction>();
  private readonly bySlot = new Map<string, LedgerTransaction>();

  add(transaction: LedgerTransaction): void {
    this.byHash.set(transaction.innerHash, transaction);
    this.bySlot.set(slotOf(transaction.sourceAccount, transaction.sourceSequence), transaction);
  }

  /** What may be evidence about the attempt. */
  about(query: LookupQuery): LedgerTransaction | null {
    return this.byHash.get(query.reference) ?? this.bySlot.get(slotOf(query.channel, query.sequence)) ?? null;
  }

  /** Forgets the oldest when there are too many. The first ledger of which nothing was forgotten, or null when all are there. */
  trim(): number | null {
    let first: number | null = null;
    for (const one of this.byHash.values()) {
      if (this.byHash.size <= KEPT_MAX) break;
      this.byHash.delete(one.innerHash);
      this.bySlot.delete(slotOf(one.sourceAccount, one.sourceSequence));
      first = Math.max(first ?? 0, one.ledger + 1);
    }
    return first;
  }
}

const slotOf = (channel: string, sequence: bigint): string => `${channel}:${String(sequence)}`;
