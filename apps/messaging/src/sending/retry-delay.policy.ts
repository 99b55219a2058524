import type { MessageKind } from '@libs/messages';

/** How often one message is handed to a provider before it is given up. */
export const TRIES_MAX = 6;
const LONGEST_WAIT_MS = 3_600_000;
/** A code is of use for five minutes, an invitation for weeks. */
const FIRST_WAIT_MS: Readonly<Record<MessageKind, number>> = {
  one_time_code: 2_000,
  staff: 10_000,
  invitation: 10_000,
};

export interface FailedTry {
  readonly kind: MessageKind;
  readonly tryNumber: number;
  /** What the provider asked for, if it did. */
  readonly afterMs?: number | undefined;
  /** From 0 to 1: spreads the next tries of messages that failed together. */
  readonly jitter: number;
}

/** Milliseconds until the next try, doubling each time; null after the last. */
export function nextTryInMs(failed: FailedTry): number | null {
  if (failed.tryNumber >= TRIES_MAX) return null;
  const grown = FIRST_WAIT_MS[failed.kind] * 2 ** (failed.tryNumber - 1);
  const wait = Math.max(grown * (0.5 + failed.jitter / 2), failed.afterMs ?? 0);
  return Math.round(Math.min(wait, LONGEST_WAIT_MS));
}
