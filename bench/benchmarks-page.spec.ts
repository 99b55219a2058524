import type { BenchmarkReport } from './benchmark';
import { medianReport, sectionOf, withSection } from './benchmarks-page';

const report = (metrics: Readonly<Record<string, number>>): BenchmarkReport => ({
  id: 'drain',
  n: 10,
  metrics,
  targets: { seconds: { atMost: 5 } },
});

describe('the page of benchmarks', () => {
  it('shows the median of each metric', () => {
    const all = [
      { seconds: 9, calls: 1 },
      { seconds: 2, calls: 7 },
      { seconds: 3, calls: 4 },
    ].map(report);
    expect(medianReport(all).metrics).toEqual({ seconds: 3, calls: 4 });
  });

  it('says of each figure with a target whether it is reached, and by which command it was measured', () => {
    const good = sectionOf({
      report: report({ seconds: 3, calls: 4 }),
      runs: 3,
      command: 'npm run bench -- drain',
    });
    expect(good).toContain('| seconds | 3 | at most 5 ✓ |');
    expect(good).toContain('| calls | 4 |  |');
    expect(good).toContain('`npm run bench -- drain`');
    expect(good).toContain('Median of 3 runs, every target reached.');
    const bad = sectionOf({ report: report({ seconds: 6 }), runs: 1, command: 'x' });
    expect(bad).toContain('| seconds | 6 | at most 5 ✗ |');
    expect(bad).toContain('One run, **a target missed**.');
  });

  it('keeps a larger run beside the usual one', () => {
    const usual = sectionOf({ report: report({ seconds: 3 }), runs: 1, command: 'x' });
    const larger = sectionOf({ report: report({ seconds: 4 }), runs: 1, size: 1_000_000, command: 'x' });
    expect(larger).toMatch(/^## drain, n = 1000000\n/);
    const both = withSection(withSection('', usual), larger);
    expect(both.match(/^## /gm)).toHaveLength(2);
    expect(withSection(both, larger)).toBe(both);
  });

  it('replaces the section of the same benchmark and leaves the others', () => {
    const first = withSection('', '## drain\n\nfirst figures\n');
    const both = withSection(first, '## drain-unlimited\n\nother\n');
    const newer = withSection(both, '## drain\n\nnew\n');
    expect(newer).toMatch(/^# Benchmarks\n/);
    expect(newer).toContain('## drain\n\nnew\n\n## drain-unlimited\n\nother\n');
    expect(newer).not.toContain('first figures');
    expect(withSection(newer, '## drain\n\nnew\n')).toBe(newer);
  });
});
