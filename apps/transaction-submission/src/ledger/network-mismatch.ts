import type { Logger } from '@libs/observability';

import type { Monotonic } from '../engine-context';

/**
 * Nobody has shown another network for this long: then it is believed to be ours again. Behind one address there may be a
 * right and a wrong server, and each answer of the right one proves nothing about the other.
 */
const CLEAN_MS = 180_000;

/** Why the network cannot be ours, for as long as anybody says so and a while longer. */
export class NetworkMismatch {
  private seen: { readonly reason: string; readonly at: number } | null = null;
  private told = new Set<string>();

  constructor(
    private readonly logger: Logger,
    private readonly now: Monotonic,
  ) {}

  /** Null when nothing speaks against it. */
  get reason(): string | null {
    if (this.seen !== null && this.now() - this.seen.at >= CLEAN_MS) {
      this.logger.info({}, 'the network has been ours again for some minutes: payments go on');
      this.seen = null;
      this.told = new Set();
    }
    return this.seen?.reason ?? null;
  }

  /** `kind` is told once each time that it begins. */
  report(kind: string, reason: string): void {
    if (!this.told.has(kind)) this.logger.error({ reason }, `nothing is signed: ${kind}`);
    this.told.add(kind);
    this.seen = { reason, at: this.now() };
  }
}
