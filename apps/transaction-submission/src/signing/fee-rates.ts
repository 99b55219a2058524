import type { FeeStats, LedgerReader } from '@libs/ledger';

import type { Monotonic } from '../engine-context';

const KEPT_MS = 20_000;
/** Payments wait for it. */
const WITHIN_MS = 2_000;

/** What the last ledgers charged, asked at most each 20 s: fee_stats look back further than that. */
export class FeeRates {
  private stats: FeeStats | null = null;
  private until = -Infinity;

  constructor(
    private readonly reader: Pick<LedgerReader, 'feeStats'>,
    private readonly now: Monotonic,
  ) {}

  /** The last that are known; null while none could be asked. */
  async latest(): Promise<FeeStats | null> {
    if (this.until > this.now()) return this.stats;
    this.stats = await this.reader.feeStats({ withinMs: WITHIN_MS }).catch(() => this.stats);
    // A node that does not answer now is not asked again by every round.
    this.until = this.now() + KEPT_MS;
    return this.stats;
  }

  /** A node wanted more than we bid: what we know is old. */
  forget(): void {
    this.until = -Infinity;
  }
}
