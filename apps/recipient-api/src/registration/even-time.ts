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
    await delay(restOfStep(performance.now() - startedAt));
  }
}
