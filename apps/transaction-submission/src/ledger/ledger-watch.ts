import {
  type LedgerHeader,
  type LedgerReader,
  LedgerUnreachableError,
  type NodeState,
  WrongNetworkError,
} from '@libs/ledger';
import type { Logger } from '@libs/observability';

import type { Monotonic } from '../engine-context';
import { NetworkHistory, type SeenLedger } from './network-history';
import { NetworkMismatch } from './network-mismatch';

export interface LedgerWatchOptions {
  readonly reader: LedgerReader;
  readonly now: Monotonic;
  readonly logger: Logger;
  /** How often it looks whether something is due. */
  readonly everyMs: number;
  readonly onLedger: (ledger: LedgerHeader) => void;
  /** Whether all that is to be known of a ledger is here; it is told then, or when that takes too long. */
  readonly isWhole?: (ledger: LedgerHeader) => boolean;
  /** The newest ledger that was seen before this process began. */
  readonly anchor?: () => Promise<SeenLedger | null>;
}

/** Nothing is signed while the newest ledger of any node arrived longer ago than this: a green node may ingest nothing. */
const FRESH_MS = 20_000;
/** Streams look for news each 5 s: after this long without any, the nodes are asked. */
const QUIET_MS = 7_000;
const QUIET_ASK_EVERY_MS = 1_000;
/** How often each node is asked how far it has come, and which network it is on. */
const NODES_EVERY_MS = 20_000;
/** The same where there is but one and nothing is wrong: its stream tells how far it has come. */
const ONLY_NODE_EVERY_MS = 60_000;
const NETWORK_EVERY_MS = 60_000;
/** How long a ledger is kept back for what is still to come of it. */
const WHOLE_MAX_MS = 6_500;

/** What a node said when it was asked last. */
export interface WatchedNode extends NodeState {
  /** How long before that its newest ledger had closed; null when it did not tell. */
  readonly ageSeconds: number | null;
  /** Behind the newest ledger of any node. */
  readonly ledgersBehind: number | null;
}

interface Arrived {
  readonly ledger: LedgerHeader;
  readonly at: number;
}

/**
 * Knows the newest ledger and when it arrived. A stream tells ledgers as they close; nodes are asked when it is quiet, and
 * now and then how far each has come. A node that shows another network or another history stops everything.
 */
export class LedgerWatch {
  private newest: LedgerHeader | null = null;
  private arrivedAt = 0;
  private states: readonly WatchedNode[] = [];
  private waiting: Arrived[] = [];
  private timer: NodeJS.Timeout | null = null;
  private readonly stopping = new AbortController();
  private readonly history = new NetworkHistory();
  private anchored = false;
  private askedAt = -Infinity;
  private networkAskedAt = -Infinity;
  private turns: Promise<void> = Promise.resolve();

  private readonly otherNetwork: NetworkMismatch;

  constructor(private readonly options: LedgerWatchOptions) {
    this.otherNetwork = new NetworkMismatch(options.logger, options.now);
  }

  start(): void {
    const { reader, logger, everyMs } = this.options;
    const noLedger = (error: unknown): void => {
      logger.error({ error }, 'a ledger could not be followed');
    };
    reader
      .followLedgers((ledger) => {
        this.inTurn(async () => {
          const contradiction = await this.offer(ledger);
          if (contradiction !== null) this.stopBecause(`the stream of ledgers: ${contradiction}`);
        }).catch(noLedger);
      }, this.stopping.signal)
      .catch(noLedger);
    const tick = async (): Promise<void> => {
      await this.tick().catch((error: unknown) => {
        logger.error({ error }, 'the ledger could not be watched');
      });
      if (!this.stopping.signal.aborted) this.timer = setTimeout(() => void tick(), everyMs);
    };
    void tick();
  }

  stop(): void {
    this.stopping.abort();
    if (this.timer !== null) clearTimeout(this.timer);
  }

  /** Asks the nodes once. Never throws. */
  async look(): Promise<void> {
    this.askedAt = this.options.now();
    if (this.askedAt - this.networkAskedAt >= NETWORK_EVERY_MS) {
      this.networkAskedAt = this.askedAt;
      await this.checkNetwork();
    }
    this.states = watched(await this.options.reader.nodes(), this.newest);
    await this.inTurn(async () => {
      for (const { latest, url } of this.states) {
        const contradiction = latest === null ? null : await this.offer(latest);
        if (contradiction !== null) this.stopBecause(`${url}: ${contradiction}`);
      }
    });
  }

  /** Tells the ledgers of which everything is here by now. */
  advance(): void {
    const { now, onLedger, isWhole } = this.options;
    for (;;) {
      const [first] = this.waiting;
      if (first === undefined) return;
      const whole = isWhole === undefined || isWhole(first.ledger) || now() - first.at >= WHOLE_MAX_MS;
      if (!whole) return;
      this.waiting.shift();
      this.newest = first.ledger;
      onLedger(first.ledger);
    }
  }

  get latest(): LedgerHeader | null {
    return this.newest;
  }

  /** What each node said last. */
  get nodes(): readonly WatchedNode[] {
    return this.states;
  }

  /** Milliseconds since the newest ledger arrived; null before the first. */
  get ageMs(): number | null {
    return this.newest === null ? null : this.options.now() - this.arrivedAt;
  }

  /** Why this cannot be the network that payments belong to; null when nothing speaks against it. */
  get mismatch(): string | null {
    return this.otherNetwork.reason;
  }

  /** Whether payments may be signed and sent as far as the ledger is concerned. */
  isFresh(): boolean {
    return this.mismatch === null && (this.ageMs ?? Infinity) <= FRESH_MS;
  }

  /** Why payments cannot go out now because of the ledger; none when they can. */
  problems(): readonly string[] {
    if (this.mismatch !== null) return [`nothing is signed: ${this.mismatch}`];
    if (this.newest === null) {
      const reasons = this.states.flatMap(({ problem }) => (problem === null ? [] : [problem]));
      return [`the ledger cannot be reached: ${reasons.join('; ') || 'no answer yet'}`];
    }
    if (this.isFresh()) return [];
    const seconds = Math.round((this.ageMs ?? 0) / 1_000);
    return [
      `no new ledger has arrived for ${String(seconds)} s, the newest is ${String(this.newest.sequence)}`,
    ];
  }

  private async tick(): Promise<void> {
    const now = this.options.now();
    const since = now - this.askedAt;
    const quiet = this.newest === null || now - this.arrivedAt >= QUIET_MS;
    const isAlone = this.states.length === 1 && this.mismatch === null;
    const everyMs = isAlone ? ONLY_NODE_EVERY_MS : NODES_EVERY_MS;
    if (since >= everyMs || (quiet && since >= QUIET_ASK_EVERY_MS)) await this.look();
    this.advance();
  }

  private async checkNetwork(): Promise<void> {
    try {
      await this.options.reader.assertNetwork();
    } catch (error) {
      if (error instanceof WrongNetworkError) {
        this.otherNetwork.report('a node is on another network', error.message);
      } else if (!(error instanceof LedgerUnreachableError)) throw error;
    }
  }

  /** Takes a ledger, or says why it is not of our history. */
  private async offer(ledger: LedgerHeader): Promise<string | null> {
    await this.loadAnchor();
    const contradiction = this.history.contradictionOf(ledger) ?? (await this.contradictionBefore(ledger));
    if (contradiction !== null) return contradiction;
    this.history.remember(ledger);
    const last = this.waiting.at(-1)?.ledger ?? this.newest;
    if (last === null || ledger.sequence > last.sequence) {
      this.arrivedAt = this.options.now();
      this.waiting.push({ ledger, at: this.arrivedAt });
    }
    this.advance();
    return null;
  }

  /** One ledger after the other, whoever tells them. */
  private async inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.turns.then(work);
    this.turns = turn.catch(() => undefined);
    await turn;
  }

  private async loadAnchor(): Promise<void> {
    if (this.anchored) return;
    const anchor = (await this.options.anchor?.()) ?? null;
    this.anchored = true;
    if (anchor !== null) this.history.remember(anchor);
  }

  /** After ledgers that nobody told us of, the network is asked for the last one that we know. */
  private async contradictionBefore(ledger: LedgerHeader): Promise<string | null> {
    const last = this.history.latest;
    if (last === null || ledger.sequence <= last.sequence || this.history.isLinked(ledger)) return null;
    try {
      const theirs = await this.options.reader.ledger(last.sequence);
      if (theirs === null || theirs.hash === last.hash) return null;
      return `ledger ${String(last.sequence)} is another one than was seen before`;
    } catch (error) {
      if (error instanceof LedgerUnreachableError) return null;
      throw error;
    }
  }

  private stopBecause(reason: string): void {
    this.otherNetwork.report('a node shows another history of the network', reason);
  }
}

function watched(states: readonly NodeState[], newest: LedgerHeader | null): readonly WatchedNode[] {
  const sequence = Math.max(newest?.sequence ?? 0, ...states.map(({ latest }) => latest?.sequence ?? 0));
  return states.map((state) => {
    const { latest } = state;
    const age = latest === null ? null : Math.max(0, Date.now() - latest.closedAt.getTime()) / 1_000;
    return { ...state, ageSeconds: age, ledgersBehind: latest === null ? null : sequence - latest.sequence };
  });
}
