import { setTimeout as delay } from 'node:timers/promises';

/** Longer than the work differs between a known and an unknown contact. */
const STEP_MS = 50;

/** What is left of the present step after `elapsedMs`. */
export const restOfStep = (elapsedMs: number): number => STEP_MS - (elapsedMs % STEP_MS);

/** Answers at full steps of time only, so that how long the work took does not tell who is known. */
export async function inEvenTime<T>(work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await work();
  } finally {
    const elapsedMs = performance.now() - startedAt;
    const end = startedAt + elapsedMs + restOfStep(elapsedMs);
    // A timer may come early, by as much as two milliseconds.
    for (let left = end - performance.now(); left > 0; left = end - performance.now())
      await delay(Math.ceil(left));
  }
}
