import type { LedgerHeader, LedgerReader, NodeState } from '@libs/ledger';

import type { Monotonic } from '../engine-context';

export interface LedgerWatchOptions {
  readonly reader: LedgerReader;
  readonly now: Monotonic;
  /** How often the nodes are asked for their newest ledger. */
  readonly everyMs: number;
  readonly onLedger: (ledger: LedgerHeader) => void;
}

/** Nothing is signed while the newest ledger of any node arrived longer ago than this: a green node may ingest nothing. */
const FRESH_MS = 20_000;

/** Knows the newest ledger and when it arrived. */
export class LedgerWatch {
  private newest: LedgerHeader | null = null;
  private arrivedAt = 0;
  private states: readonly NodeState[] = [];
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(private readonly options: LedgerWatchOptions) {}

  start(): void {
    const tick = async (): Promise<void> => {
      await this.look();
      if (!this.stopped) this.timer = setTimeout(() => void tick(), this.options.everyMs);
    };
    void tick();
  }

  stop(): void {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  /** Asks the nodes once. Never throws. */
  async look(): Promise<void> {
    const { reader, now, onLedger } = this.options;
    this.states = await reader.nodes();
    for (const { latest } of this.states) {
      if (latest === null || (this.newest !== null && latest.sequence <= this.newest.sequence)) continue;
      this.newest = latest;
      this.arrivedAt = now();
      onLedger(latest);
    }
  }

  get latest(): LedgerHeader | null {
    return this.newest;
  }

  isFresh(): boolean {
    return this.newest !== null && this.options.now() - this.arrivedAt <= FRESH_MS;
  }

  /** Why payments cannot go out now because of the ledger; none when they can. */
  problems(): readonly string[] {
    if (this.newest === null) {
      const reasons = this.states.flatMap(({ problem }) => (problem === null ? [] : [problem]));
      return [`the ledger cannot be reached: ${reasons.join('; ') || 'no answer yet'}`];
    }
    if (this.isFresh()) return [];
    const seconds = Math.round((this.options.now() - this.arrivedAt) / 1_000);
    return [
      `no new ledger has arrived for ${String(seconds)} s, the newest is ${String(this.newest.sequence)}`,
    ];
  }
}
