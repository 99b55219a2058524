import type { LedgerHeader, LedgerReader, LedgerTransaction, LookupQuery } from '@libs/ledger';
import type { Logger } from '@libs/observability';
import type { LiveAttempt } from '@libs/submissions';

import type { Monotonic } from '../engine-context';
import type { FeedPositions } from './feed-positions';
import { LedgerCounts } from './ledger-counts';
import { ledgerOfToken, SeenTransactions, tokenOfLedger } from './seen-transactions';

const PAGE_LIMIT = 200;
/** At most this many pages are read at once; what lies further back is looked up one by one. */
const PAGES_MAX = 50;
const REPAIRS_MAX = 3;
/** A stream that nobody needs is closed after this long. */
const IDLE_MS = 30_000;

export interface FeedParts {
  readonly reader: Pick<LedgerReader, 'transactions' | 'followTransactions'>;
  readonly positions: Pick<FeedPositions, 'resumeAt' | 'settled' | 'forget' | 'flush'>;
  readonly now: Monotonic;
  readonly logger: Logger;
}

/** A live attempt, and whether another instance stored it. */
export interface WatchedAttempt extends LiveAttempt {
  readonly inherited: boolean;
}

/** What the ledger transactions that were read say. */
export interface Seen {
  /** The ledger transaction that may be evidence about an attempt. */
  about(query: LookupQuery): LedgerTransaction | null;
  /** Whether it would have been seen if a ledger up to the newest one had it. */
  covers(attempt: LiveAttempt): boolean;
}

/** From where on the network's ledger transactions are known, and what of them. */
interface Coverage {
  first: number;
  cursor: bigint;
  readonly seen: SeenTransactions;
  readonly counts: LedgerCounts;
  /** Ledgers of which something is missing that no node tells. */
  readonly gaps: Set<number>;
  readonly repairs: Map<number, number>;
}

/**
 * One feed of the network's ledger transactions, also the failed ones, for all live attempts together. A stream brings them
 * when it was started, pages bring what the stream left out; the count of each ledger says whether something is missing.
 *
 * It only finds evidence sooner: what it does not cover is looked up one by one.
 */
export class TransactionFeed {
  private coverage: Coverage | null = null;
  private adopted: ReadonlySet<string> = new Set();
  private beyond = new Set<string>();
  private onNews: (() => void) | null = null;
  private stream: AbortController | null = null;
  private neededAt = 0;
  /** What was read up to here is what the caller settles next. */
  private readTo = 0n;

  constructor(private readonly parts: FeedParts) {}

  /** From now on a stream brings what is new while there is anything to find; `onNews` hears of each. */
  start(onNews: () => void): void {
    this.onNews = onNews;
  }

  async stop(): Promise<void> {
    this.onNews = null;
    this.closeStream();
    await this.parts.positions.flush();
  }

  /** Whether all that this ledger holds has been told; also when nobody asks for it. */
  holds(header: LedgerHeader): boolean {
    const { coverage } = this;
    if (coverage === null || this.stream === null) return true;
    coverage.counts.expect(header.sequence, header.transactionCount);
    return coverage.counts.isComplete(header.sequence);
  }

  /** Reads up to the newest ledger. `attempts` are all that are live here. */
  async read(attempts: readonly WatchedAttempt[], latest: LedgerHeader): Promise<Seen> {
    if (attempts.length === 0) {
      this.readTo = tokenOfLedger(latest.sequence);
      this.rest();
      return NOTHING_SEEN;
    }
    this.neededAt = this.parts.now();
    const coverage = await this.cover(attempts);
    coverage.counts.expect(latest.sequence, latest.transactionCount);
    this.openStream(coverage);
    if (this.stream === null || coverage.counts.missing(latest.sequence).length > 0) {
      await this.pull(coverage);
      await this.repair(coverage, latest);
    }
    this.trim(coverage);
    this.readTo = coverage.cursor;
    return {
      about: (query) => coverage.seen.about(query),
      covers: ({ id, query }) =>
        !this.beyond.has(id) && ![...coverage.gaps].some((ledger) => ledger > query.lastSeen.sequence),
    };
  }

  /** All that was read last has been recorded. */
  async settled(latest: LedgerHeader): Promise<void> {
    await this.parts.positions.settled({ cursor: this.readTo, anchor: latest });
  }

  /** What was read may not have been recorded. It is still there, and is told again. */
  reset(): void {
    this.parts.positions.forget();
  }

  /** Begins where the oldest of these attempts needs it, and goes back for those that came from another instance. */
  private async cover(attempts: readonly WatchedAttempt[]): Promise<Coverage> {
    const fresh = attempts.filter(({ id }) => !this.adopted.has(id));
    const from = await this.firstNeeded(fresh);
    if (this.coverage === null) {
      this.coverage = {
        first: from,
        cursor: tokenOfLedger(from),
        seen: new SeenTransactions(),
        counts: new LedgerCounts(from),
        gaps: new Set(),
        repairs: new Map(),
      };
    } else if (from < this.coverage.first) await this.goBack(this.coverage, from, fresh);
    this.adopted = new Set(attempts.map(({ id }) => id));
    this.beyond = new Set([...this.beyond].filter((id) => this.adopted.has(id)));
    return this.coverage;
  }

  /** The first ledger that may hold one of these attempts. What was ours to find before a restart was found up to a point. */
  private async firstNeeded(fresh: readonly WatchedAttempt[]): Promise<number> {
    const after = ({ query }: WatchedAttempt): number => query.lastSeen.sequence + 1;
    const own = Math.min(...fresh.filter(({ inherited }) => !inherited).map(after));
    const inherited = Math.min(...fresh.filter((one) => one.inherited).map(after));
    if (inherited >= Math.min(own, this.coverage?.first ?? Infinity)) return Math.min(own, inherited);
    const kept = await this.parts.positions.resumeAt();
    return Math.min(own, kept === null ? inherited : Math.max(inherited, ledgerOfToken(kept)));
  }

  private async goBack(coverage: Coverage, from: number, fresh: readonly WatchedAttempt[]): Promise<void> {
    const { first } = coverage;
    const reached = await this.pages(tokenOfLedger(from), first - 1, (one) => {
      coverage.seen.add(one);
    });
    if (reached) coverage.first = from;
    else {
      for (const { id, query } of fresh) if (query.lastSeen.sequence + 1 < first) this.beyond.add(id);
    }
  }

  private async pull(coverage: Coverage): Promise<void> {
    await this.pages(coverage.cursor, Number.MAX_SAFE_INTEGER, (one) => {
      this.take(coverage, one);
    });
  }

  /** Reads ledgers again that told less than they hold, though later ones were told already. */
  private async repair(coverage: Coverage, latest: LedgerHeader): Promise<void> {
    const { counts, gaps, repairs, seen } = coverage;
    for (const ledger of counts.missing(latest.sequence)) {
      // A node that is behind tells the rest later, and nothing after it.
      if (ledger > ledgerOfToken(coverage.cursor)) continue;
      let count = 0;
      await this.pages(tokenOfLedger(ledger), ledger, (one) => {
        if (one.ledger !== ledger) return;
        seen.add(one);
        count += 1;
      });
      counts.set(ledger, count);
      if (counts.isComplete(ledger)) continue;
      const tries = (repairs.get(ledger) ?? 0) + 1;
      repairs.set(ledger, tries);
      if (tries < REPAIRS_MAX) continue;
      counts.giveUp(ledger);
      repairs.delete(ledger);
      gaps.add(ledger);
      this.parts.logger.error({ ledger }, 'no node tells all ledger transactions of a ledger');
    }
  }

  /** Reads pages until the end or past `lastLedger`. False when there was more than may be read at once. */
  private async pages(
    from: bigint,
    lastLedger: number,
    take: (transaction: LedgerTransaction) => void,
  ): Promise<boolean> {
    let cursor = String(from);
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const page = await this.parts.reader.transactions({ cursor, order: 'asc', limit: PAGE_LIMIT });
      for (const one of page.transactions) take(one);
      const end = page.transactions.at(-1);
      if (end === undefined || page.transactions.length < PAGE_LIMIT || end.ledger > lastLedger) return true;
      ({ cursor } = page);
    }
    return false;
  }

  private take(coverage: Coverage, transaction: LedgerTransaction): void {
    const token = BigInt(transaction.pagingToken);
    if (token <= coverage.cursor) return;
    coverage.cursor = token;
    coverage.seen.add(transaction);
    coverage.counts.tell(transaction.ledger);
  }

  private trim(coverage: Coverage): void {
    const first = coverage.seen.trim();
    if (first !== null) coverage.first = Math.max(coverage.first, first);
  }

  private openStream(coverage: Coverage): void {
    const { onNews } = this;
    if (onNews === null || this.stream !== null) return;
    const stream = new AbortController();
    this.stream = stream;
    const onTransaction = (transaction: LedgerTransaction): void => {
      this.take(coverage, transaction);
      onNews();
    };
    this.parts.reader
      .followTransactions({ cursor: String(coverage.cursor), onTransaction }, stream.signal)
      .catch((error: unknown) => {
        this.parts.logger.error({ error }, 'the stream of ledger transactions ended');
        if (this.stream === stream) this.stream = null;
      });
  }

  private closeStream(): void {
    this.stream?.abort();
    this.stream = null;
  }

  /** Nothing is live: soon nobody needs to know what the ledgers hold. */
  private rest(): void {
    this.adopted = new Set();
    this.beyond.clear();
    if (this.stream !== null && this.parts.now() - this.neededAt < IDLE_MS) return;
    this.closeStream();
    this.coverage = null;
  }
}

export const NOTHING_SEEN: Seen = { about: () => null, covers: () => false };
