import { parseAmount } from '@libs/kernel';

import {
  type BenchmarkReport,
  InvariantFailedError,
  medianOf,
  mustBe,
  passes,
  passesGates,
} from './benchmark';
import { peopleFile } from './people';

describe('a benchmark', () => {
  it('takes the median, which one slow run does not move', () => {
    expect([medianOf([1, 100, 2]), medianOf([4, 1]), medianOf([7])]).toEqual([2, 2.5, 7]);
  });

  it('passes when every target is reached, and not for a metric that is missing', () => {
    const report = (metrics: Readonly<Record<string, number>>): BenchmarkReport => ({
      id: 'x',
      n: 1,
      metrics,
      targets: { answerMs: { atMost: 2_000 }, timesFaster: { atLeast: 6 } },
    });
    expect(passes(report({ answerMs: 2_000, timesFaster: 6 }))).toBe(true);
    expect(passes(report({ answerMs: 2_000.1, timesFaster: 6 }))).toBe(false);
    expect(passes(report({ answerMs: 1, timesFaster: 5.9 }))).toBe(false);
    expect(passes(report({ answerMs: 1 }))).toBe(false);
    expect(passes(report({ answerMs: Number.NaN, timesFaster: 6 }))).toBe(false);
  });

  it('is held to looser bounds when it is quick, and to none where it has none', () => {
    const report = (timesFaster: number): BenchmarkReport => ({
      id: 'x',
      n: 1,
      metrics: { timesFaster },
      targets: { timesFaster: { atLeast: 6 } },
      gates: { timesFaster: { atLeast: 3 } },
    });
    expect([passes(report(4)), passesGates(report(4)), passesGates(report(2))]).toEqual([false, true, false]);
    const { gates: _, ...withoutGates } = report(0);
    expect(passesGates(withoutGates)).toBe(true);
  });

  it('has no figure when something is lost', () => {
    expect(() => {
      mustBe('payments', '9', '10');
    }).toThrow(new InvariantFailedError('payments: 9 instead of 10'));
  });
});

describe('the people of a benchmark', () => {
  it('are others in each file, and their amounts are summed to the stroop', () => {
    const [one, other] = [peopleFile(500, 0), peopleFile(500, 500)];
    const rowsOf = (content: string): string[][] =>
      content
        .trim()
        .split('\n')
        .slice(1)
        .map((row) => row.split(','));
    const rows = [...rowsOf(one.content), ...rowsOf(other.content)];
    expect(new Set(rows.map(([phone]) => phone)).size).toBe(1_000);
    const sum = rows.reduce((total, [, , amount = '']) => {
      const parsed = parseAmount(amount);
      return total + (parsed.ok ? parsed.value : 0n);
    }, 0n);
    expect(one.total + other.total).toBe(sum);
  });
});
