import { setTimeout as delay } from 'node:timers/promises';

import { inEvenTime, restOfStep } from './even-time';

const STEP_MS = 50;

describe('an answer in even time', () => {
  it('ends a quick and a slow answer at the same step', () => {
    const ends = [0, 0.5, 12, 30, 49.5].map((workMs) => workMs + restOfStep(workMs));
    expect(ends).toEqual(ends.map(() => STEP_MS));
  });

  it('ends what took longer at a later step, never in between', () => {
    const ends = [50, 75, 99.5, 100, 1_234].map((workMs) => workMs + restOfStep(workMs));
    expect(ends).toEqual([100, 100, 100, 150, 1_250]);
  });

  it.each([
    [0, 1],
    [20, 1],
    [70, 2],
  ])('waits after work of %i ms for step %i, and hands on what came of it', async (workMs, steps) => {
    const startedAt = performance.now();
    const answer = await inEvenTime(async () => {
      await delay(workMs);
      return 'an answer';
    });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(steps * STEP_MS);
    expect(answer).toBe('an answer');
  });

  it('waits as long when the work fails', async () => {
    const startedAt = performance.now();
    const refusal = inEvenTime(() => Promise.reject(new Error('unknown contact')));
    await expect(refusal).rejects.toThrow('unknown contact');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(STEP_MS);
  });
});
