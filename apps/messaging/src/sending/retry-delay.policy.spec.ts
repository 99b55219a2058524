import { nextTryInMs, TRIES_MAX } from './retry-delay.policy';

describe('the wait between two tries of a message', () => {
  it('doubles and ends after the last try', () => {
    const waits = Array.from({ length: TRIES_MAX }, (_, index) =>
      nextTryInMs({ kind: 'invitation', tryNumber: index + 1, jitter: 1 }),
    );
    expect(waits).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, null]);
  });

  it('is short for a code, spread by chance, and at least what the provider asked for', () => {
    expect(nextTryInMs({ kind: 'one_time_code', tryNumber: 1, jitter: 0 })).toBe(1_000);
    expect(nextTryInMs({ kind: 'one_time_code', tryNumber: 1, jitter: 1, afterMs: 9_000 })).toBe(9_000);
  });

  it('is never longer than an hour, whatever the provider asks for', () => {
    expect(nextTryInMs({ kind: 'staff', tryNumber: 1, jitter: 1, afterMs: 10 ** 9 })).toBe(3_600_000);
  });
});
