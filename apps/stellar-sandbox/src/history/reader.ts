import type { ClosedLedger } from '../engine/network';
import type { History } from './history';

export interface Flap {
  readonly frozenLedgers: number;
  readonly readingLedgers: number;
}

type Listener = (closed: ClosedLedger) => void;

/** Hands closed ledgers to the history: at once, or some ledgers late, or not at all while it is frozen. */
export class Reader {
  /** How many ledgers it stays behind the core. */
  lag = 0;
  frozen = false;
  private flapping: Flap | null = null;
  private offered = 0;
  private waiting: ClosedLedger[] = [];
  private readonly listeners = new Set<Listener>();

  constructor(readonly history: History) {}

  get behind(): number {
    return this.waiting.length;
  }

  get flap(): Flap | null {
    return this.flapping;
  }

  /** Freezes for some ledgers, reads for some, and so on; null ends it. */
  setFlap(flap: Flap | null): void {
    this.flapping = flap;
    this.offered = 0;
    this.frozen = flap !== null;
  }

  offer(closed: ClosedLedger): void {
    this.waiting.push(closed);
    if (this.flapping !== null) {
      const { frozenLedgers, readingLedgers } = this.flapping;
      this.frozen = this.offered % (frozenLedgers + readingLedgers) < frozenLedgers;
      this.offered += 1;
    }
    this.catchUp();
  }

  /** Reads as far as it may. */
  catchUp(): void {
    while (!this.frozen && this.waiting.length > this.lag) {
      const [next, ...rest] = this.waiting;
      if (next === undefined) return;
      this.waiting = rest;
      this.history.ingest(next);
      for (const listener of this.listeners) listener(next);
    }
  }

  /** Calls back for every ledger that was read, until the returned function is called. */
  onLedger(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}
