import type { Monotonic } from '../engine-context';

/** Of how long a rest the budget may be spent at once. */
const SAVED_SECONDS = 10;

/**
 * How many accounts may be looked at before payments: some at once, and a few each second. Big disbursements are known from
 * the registration or split when they fail; what is asked here is little beside the envelopes themselves.
 */
export class CallBudget {
  private left: number;
  private countedAt: number;

  constructor(
    private readonly perSecond: number,
    private readonly now: Monotonic,
  ) {
    this.left = perSecond * SAVED_SECONDS;
    this.countedAt = now();
  }

  /** Whole calls that may be made now. */
  get available(): number {
    const now = this.now();
    this.left = Math.min(
      this.perSecond * SAVED_SECONDS,
      this.left + ((now - this.countedAt) / 1_000) * this.perSecond,
    );
    this.countedAt = now;
    return Math.floor(this.left);
  }

  spend(calls: number): void {
    this.left -= calls;
  }
}
