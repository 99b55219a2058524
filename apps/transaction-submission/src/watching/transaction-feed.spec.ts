import {
  FakeLedger,
  type FollowOptions,
  type LedgerHeader,
  type LedgerTransaction,
  type PageRequest,
  type TransactionPage,
} from '@libs/ledger';
import { silentLogger } from '@libs/observability';
import type { FeedPosition } from '@libs/submissions';

import { TransactionFeed, type WatchedAttempt } from './transaction-feed';

const PER_LEDGER = 3;

/** Ledgers with three ledger transactions each, of which a node may leave some out. */
class Network {
  readonly headers: LedgerHeader[] = [];
  readonly hidden = new Set<string>();
  pages = 0;
  streams: { readonly cursor: string; tell(transaction: LedgerTransaction): void }[] = [];
  private readonly transactions: LedgerTransaction[] = [];

  close(count = PER_LEDGER): LedgerHeader {
    const sequence = this.headers.length + 101;
    const header = {
      ...new FakeLedger().latest(),
      sequence,
      hash: String(sequence).padStart(64, '0'),
      transactionCount: count,
    };
    this.headers.push(header);
    for (let order = 1; order <= count; order += 1) this.transactions.push(transactionOf(sequence, order));
    return header;
  }

  readonly reader = {
    transactions: (page: PageRequest): Promise<TransactionPage> => {
      this.pages += 1;
      const cursor = BigInt(page.cursor ?? '0');
      const visible = this.transactions.filter(({ pagingToken }) => !this.hidden.has(pagingToken));
      const found = visible.filter(({ pagingToken }) => BigInt(pagingToken) > cursor).slice(0, page.limit);
      return Promise.resolve({ transactions: found, cursor: found.at(-1)?.pagingToken ?? String(cursor) });
    },
    followTransactions: async (options: FollowOptions, signal: AbortSignal): Promise<void> => {
      this.streams.push({ cursor: options.cursor, tell: options.onTransaction });
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          resolve();
        });
      });
    },
  };

  tell(ledger: number, orders: readonly number[]): void {
    for (const order of orders) this.streams.at(-1)?.tell(transactionOf(ledger, order));
  }
}

const tokenOf = (ledger: number, order: number): string =>
  String((BigInt(ledger) << 32n) | (BigInt(order) << 12n));

const transactionOf = (ledger: number, order: number): LedgerTransaction => ({
  innerHash: `hash-${String(ledger)}-${String(order)}`,
  envelopeHash: `outer-${String(ledger)}-${String(order)}`,
  successful: true,
  ledger,
  closedAt: new Date(0),
  sourceAccount: `channel-${String(order)}`,
  sourceSequence: BigInt(ledger),
  feeAccount: 'payer',
  feeCharged: 200n,
  memo: null,
  operationCount: 1,
  pagingToken: tokenOf(ledger, order),
  resultCode: 'tx_success',
  operationCodes: [],
});

/** An attempt that the ledger transaction of this place is. */
const attemptAt = (ledger: number, order: number, lastSeen = ledger - 1): WatchedAttempt => ({
  id: `attempt-${String(ledger)}-${String(order)}`,
  status: 'SENT',
  query: {
    reference: `hash-${String(ledger)}-${String(order)}`,
    channel: `channel-${String(order)}`,
    sequence: BigInt(ledger),
    maxTime: new Date(0),
    lastSeen: { sequence: lastSeen, hash: '' },
  },
  channelEpoch: 1n,
  distribution: 'payer',
  operations: 1,
  feeRate: 100n,
  sends: 1,
  sentAtLedger: lastSeen,
  answer: 'accepted',
  refusalCode: null,
  cause: null,
  feeNeeded: null,
  contradicted: false,
  inherited: false,
});

function open(kept: bigint | null = null) {
  const network = new Network();
  const settled: FeedPosition[] = [];
  let resumes = 0;
  const clock = { now: 0 };
  const feed = new TransactionFeed({
    reader: network.reader,
    positions: {
      resumeAt: () => {
        resumes += 1;
        return Promise.resolve(kept);
      },
      settled: (position) => {
        settled.push(position);
        return Promise.resolve();
      },
      forget: () => undefined,
      flush: () => Promise.resolve(),
    },
    now: () => clock.now,
    logger: silentLogger,
  });
  return { network, settled, feed, clock, resumed: (): number => resumes };
}

const hashesOf = (
  seen: { about(query: WatchedAttempt['query']): LedgerTransaction | null },
  ...attempts: readonly WatchedAttempt[]
): (string | undefined)[] => attempts.map(({ query }) => seen.about(query)?.innerHash);

describe('the feed of ledger transactions', () => {
  it('finds what every attempt became with one page for all of them', async () => {
    const { network, feed } = open();
    const attempts = [attemptAt(101, 1), attemptAt(101, 3)];
    const latest = network.close();
    const seen = await feed.read(attempts, latest);
    expect(hashesOf(seen, ...attempts)).toEqual(['hash-101-1', 'hash-101-3']);
    expect(network.pages).toBe(1);
  });

  it('remembers what it told, for whoever could not record it', async () => {
    const { network, feed } = open();
    const attempt = attemptAt(101, 2);
    await feed.read([attempt], network.close());
    feed.reset();
    expect(hashesOf(await feed.read([attempt], network.close()), attempt)).toEqual(['hash-101-2']);
  });

  it('settles no further than it was read, whatever a stream has brought since', async () => {
    const { network, feed, settled } = open();
    feed.start(() => undefined);
    const first = network.close();
    await feed.read([attemptAt(101, 1), attemptAt(102, 1)], first);
    network.tell(102, [1, 2, 3]);
    await feed.settled(first);
    expect(settled.at(-1)).toMatchObject({ cursor: BigInt(tokenOf(101, 3)), anchor: { sequence: 101 } });
  });

  it('goes back for an attempt that another instance stored, but not behind what that one had settled', async () => {
    const { network, feed, resumed } = open(BigInt(tokenOf(103, 1)));
    for (let ledgers = 0; ledgers < 6; ledgers += 1) network.close();
    const latest = network.close();
    await feed.read([attemptAt(107, 1)], latest);
    const taken = { ...attemptAt(104, 2, 101), inherited: true };
    const settledThere = { ...attemptAt(102, 2, 101), inherited: true };
    const seen = await feed.read([attemptAt(107, 1), taken, settledThere], latest);
    expect(hashesOf(seen, taken, settledThere)).toEqual(['hash-104-2', undefined]);
    expect(resumed()).toBe(1);
  });

  it('never skips a ledger for an attempt of its own, however far others have come', async () => {
    const { network, feed } = open(BigInt(tokenOf(103, 3)));
    network.close();
    network.close();
    const own = attemptAt(102, 1, 100);
    expect(hashesOf(await feed.read([own], network.close()), own)).toEqual(['hash-102-1']);
  });

  it('reads a ledger again when fewer of it were told than it holds', async () => {
    const { network, feed } = open();
    const attempt = attemptAt(101, 2);
    network.hidden.add(tokenOf(101, 2));
    const first = await feed.read([attempt], network.close());
    expect(hashesOf(first, attempt)).toEqual([undefined]);
    network.hidden.clear();
    expect(hashesOf(await feed.read([attempt], network.close()), attempt)).toEqual(['hash-101-2']);
  });

  it('says which attempts it cannot vouch for when no node tells the rest of a ledger', async () => {
    const { network, feed } = open();
    const [inGap, after] = [attemptAt(101, 2), attemptAt(104, 1)];
    network.hidden.add(tokenOf(101, 2));
    let seen = await feed.read([inGap], network.close());
    expect(seen.covers(inGap)).toBe(true);
    for (let ledgers = 0; ledgers < 3; ledgers += 1) seen = await feed.read([inGap, after], network.close());
    expect([seen.covers(inGap), seen.covers(after)]).toEqual([false, true]);
  });

  it('asks for no page while a stream brings everything', async () => {
    const { network, feed } = open();
    feed.start(() => undefined);
    const attempt = attemptAt(103, 2, 101);
    await feed.read([attempt], network.close(0));
    const pages = network.pages;
    const second = network.close();
    expect(feed.holds(second)).toBe(false);
    network.tell(102, [1, 2]);
    expect(feed.holds(second)).toBe(false);
    network.tell(102, [3]);
    expect(feed.holds(second)).toBe(true);
    await feed.read([attempt], second);
    network.tell(103, [1, 2, 3]);
    expect(hashesOf(await feed.read([attempt], network.close()), attempt)).toEqual(['hash-103-2']);
    expect(network.pages).toBe(pages);
  });

  it('fetches what a stream left out', async () => {
    const { network, feed } = open();
    feed.start(() => undefined);
    const attempt = attemptAt(102, 2);
    await feed.read([attempt], network.close(0));
    const latest = network.close();
    network.tell(102, [1, 3]);
    expect(hashesOf(await feed.read([attempt], latest), attempt)).toEqual(['hash-102-2']);
  });

  it('lets go of its stream when nothing has been live for a while, and begins anew where it is needed', async () => {
    const { network, feed, clock } = open();
    feed.start(() => undefined);
    await feed.read([attemptAt(101, 1)], network.close());
    clock.now = 60_000;
    await feed.read([], network.close());
    await feed.read([attemptAt(104, 1, 103)], network.close());
    expect(network.streams.map(({ cursor }) => Number(BigInt(cursor) >> 32n))).toEqual([101, 104]);
  });
});
