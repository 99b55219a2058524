import { DEFAULT_RETRY_POLICY, retryDelayMs } from './retry-policy';

describe('the wait before another try', () => {
  const policy = { triesMax: 12, firstDelayMs: 500, delayMaxMs: 10_000 };

  it('doubles with each failed try up to the maximum', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 40, 2_000].map((tries) => retryDelayMs(policy, tries, 1));
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000, 10_000]);
  });

  it('is by chance between a half and the whole of that', () => {
    expect([0, 0.5, 1].map((chance) => retryDelayMs(policy, 2, chance))).toEqual([500, 750, 1_000]);
  });

  it('adds up to about a quarter of an hour before an event is given up', () => {
    const { triesMax } = DEFAULT_RETRY_POLICY;
    const waits = Array.from({ length: triesMax - 1 }, (_, nr) =>
      retryDelayMs(DEFAULT_RETRY_POLICY, nr + 1, 0.5),
    );
    const minutes = waits.reduce((sum, wait) => sum + wait, 0) / 60_000;
    expect(minutes).toBeGreaterThan(10);
    expect(minutes).toBeLessThan(30);
  });
});
