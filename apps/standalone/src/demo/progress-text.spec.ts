import { clock, progressLine, progressLines } from './progress-text';
import { ProgressView } from './progress-view';

const HALF = { people: 100, uploaded: 100, invited: 100, registered: 50, paid: 0, confirmed: 0 };
const DONE = { people: 100, uploaded: 100, invited: 100, registered: 100, paid: 100, confirmed: 100 };

describe('the progress of the demo', () => {
  it('is one line in a log: every step, rate, elapsed and remaining', () => {
    expect(progressLine(HALF, 75)).toBe(
      '1:15  uploaded 100 · invited 100 · registered 50 · paid 0 · confirmed on ledger 0  (of 100, 0 people/s, …)',
    );
    expect(progressLine(DONE, 40)).toContain('(of 100, 2.5 people/s, done)');
  });

  it('tells what remains by the step that is furthest behind', () => {
    const counts = { ...DONE, registered: 80, paid: 60, confirmed: 50 };
    expect(progressLine(counts, 100)).toContain('about 1:40 left');
  });

  it('is a bar per step on a terminal', () => {
    const lines = progressLines(HALF, 10);
    expect(lines).toHaveLength(6);
    expect(lines[2]).toContain(`${'█'.repeat(16)}${'░'.repeat(16)}      50 of 100  5/s`);
    expect(progressLines({ ...HALF, uploaded: 0, invited: 0, registered: 0 }, 0).at(-1)).toBe(
      '  0:00 elapsed, …',
    );
  });

  it('counts time in minutes and seconds', () => {
    expect([clock(0), clock(59.4), clock(60), clock(3_599)]).toEqual(['0:00', '0:59', '1:00', '59:59']);
  });

  it('redraws on a terminal and keeps sentences above the bars', () => {
    const written: string[] = [];
    const view = new ProgressView({ isTTY: true, write: (text) => written.push(text) });
    view.start(() => HALF);
    view.finish(HALF);
    view.say('messaging is back.');
    expect(written[0]?.split('\n')).toHaveLength(7);
    expect(written[1]).toBe('messaging is back.\n');
    view.finish(DONE);
    expect(written.join('')).not.toContain('\u001b[7A');
  });
});
