import type { LedgerReader, LedgerTransaction, LookupQuery } from '@libs/ledger';
import type { LiveAttempt } from '@libs/submissions';

const PAGE_LIMIT = 200;
const PAGES_MAX = 50;
const LEDGER_SHIFT = 32n;

/** The ledger transactions that the paying accounts took part in, by what identifies an attempt. */
export class SeenTransactions {
  private readonly byHash = new Map<string, LedgerTransaction>();
  private readonly bySlot = new Map<string, LedgerTransaction>();

  add(transactions: readonly LedgerTransaction[]): void {
    for (const one of transactions) {
      this.byHash.set(one.innerHash, one);
      this.bySlot.set(`${one.sourceAccount}:${String(one.sourceSequence)}`, one);
    }
  }

  /** What may be evidence about the attempt. */
  about(query: LookupQuery): LedgerTransaction | null {
    return (
      this.byHash.get(query.reference) ??
      this.bySlot.get(`${query.channel}:${String(query.sequence)}`) ??
      null
    );
  }
}

/**
 * Reads what is new about the paying accounts, a page per account and ledger instead of a look-up per attempt. It only finds
 * evidence sooner: what it misses is looked up one by one.
 */
export class TransactionFeed {
  private readonly cursors = new Map<string, string>();

  constructor(private readonly reader: LedgerReader) {}

  async read(attempts: readonly LiveAttempt[]): Promise<SeenTransactions> {
    const oldest = new Map<string, number>();
    for (const { distribution, query } of attempts) {
      const known = oldest.get(distribution) ?? query.lastSeen.sequence;
      oldest.set(distribution, Math.min(known, query.lastSeen.sequence));
    }
    for (const account of this.cursors.keys()) if (!oldest.has(account)) this.cursors.delete(account);
    const seen = new SeenTransactions();
    for (const [account, ledger] of oldest) await this.readAccount(account, ledger, seen);
    return seen;
  }

  /** Starts again from the oldest live attempt: what was read may not have been recorded. */
  reset(): void {
    this.cursors.clear();
  }

  private async readAccount(account: string, ledger: number, seen: SeenTransactions): Promise<void> {
    let cursor = this.cursors.get(account) ?? String(BigInt(ledger) << LEDGER_SHIFT);
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const page = await this.reader.transactionsOf(account, { cursor, order: 'asc', limit: PAGE_LIMIT });
      seen.add(page.transactions);
      cursor = page.cursor;
      if (page.transactions.length < PAGE_LIMIT) break;
    }
    this.cursors.set(account, cursor);
  }
}
