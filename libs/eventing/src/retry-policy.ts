/** How a failing event is tried again. Times in milliseconds. */
export interface RetryPolicy {
  /** How often the handler is called at most, the first time included. */
  readonly triesMax: number;
  readonly firstDelayMs: number;
  readonly delayMaxMs: number;
}

/** Twelve tries within about a quarter of an hour, then the event is a dead letter. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = { triesMax: 12, firstDelayMs: 500, delayMaxMs: 300_000 };

/**
 * The wait after the given number of failed tries: doubled each time up to the maximum, and of that a random part
 * between a half and the whole, so that events that failed together do not come back together.
 */
export function retryDelayMs(policy: RetryPolicy, failedTries: number, chance = Math.random()): number {
  const doubled = policy.firstDelayMs * 2 ** Math.min(failedTries - 1, 30);
  return Math.min(doubled, policy.delayMaxMs) * (0.5 + chance / 2);
}
