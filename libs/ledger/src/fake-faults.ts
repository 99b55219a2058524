/** How often the fake misbehaves, each from 0 to 1. */
export interface FaultRates {
  /** The envelope never arrives; no answer. */
  readonly loseRequest: number;
  /** The envelope is taken; no answer. */
  readonly loseAnswer: number;
  /** The envelope is included one to `delayLedgersMax` ledgers late. */
  readonly delay: number;
  /** The node says "try again later" without reason. */
  readonly refuse: number;
  /** The queue is applied in another order than it came. */
  readonly reorder: number;
}

const NONE: FaultRates = { loseRequest: 0, loseAnswer: 0, delay: 0, refuse: 0, reorder: 0 };

/** The dice of the fake. Rates may be changed while it runs. */
export class FakeFaults {
  rates: FaultRates;
  delayLedgersMax = 4;
  /** Nobody answers: neither the reader nor the submitter. */
  down = false;
  /** How many ledgers the reader is behind the network. */
  lagLedgers = 0;
  private state: number;

  constructor(seed: number, rates: Partial<FaultRates>) {
    this.state = seed >>> 0;
    this.rates = { ...NONE, ...rates };
  }

  set(rates: Partial<FaultRates>): void {
    this.rates = { ...NONE, ...rates };
  }

  happens(fault: keyof FaultRates): boolean {
    const rate = this.rates[fault];
    return rate > 0 && this.next() < rate;
  }

  delayInLedgers(): number {
    return this.happens('delay') ? 1 + Math.floor(this.next() * this.delayLedgersMax) : 0;
  }

  reordered<T>(items: readonly T[]): readonly T[] {
    if (!this.happens('reorder')) return items;
    return items
      .map((item) => ({ item, at: this.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
  }

  /** Mulberry32: small, and the same everywhere. */
  private next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  }
}
