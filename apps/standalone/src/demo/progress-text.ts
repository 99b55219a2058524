import { type Counts, STEPS } from './counts';

const BAR_WIDTH = 32;
const LABELS = {
  uploaded: 'uploaded',
  invited: 'invited',
  registered: 'registered',
  paid: 'paid',
  confirmed: 'confirmed on ledger',
} as const;

/** `75` → `1:15`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${String(Math.floor(whole / 60))}:${String(whole % 60).padStart(2, '0')}`;
}

/** Steps done per second, counting each of the five steps of each person. */
function paceOf(counts: Counts, seconds: number): { readonly done: number; readonly rate: number } {
  const done = STEPS.reduce((sum, step) => sum + counts[step], 0);
  return { done, rate: seconds > 0 ? done / seconds : 0 };
}

function remainingOf(counts: Counts, seconds: number): string {
  const { done, rate } = paceOf(counts, seconds);
  const all = counts.people * STEPS.length;
  if (done >= all) return 'done';
  return rate === 0 ? '…' : `about ${clock((all - done) / rate)} left`;
}

/** One line, for a log or a pipe. */
export function progressLine(counts: Counts, seconds: number): string {
  const steps = STEPS.map((step) => `${LABELS[step]} ${String(counts[step])}`).join(' · ');
  const rate = seconds > 0 ? Math.round((counts.confirmed / seconds) * 10) / 10 : 0;
  return `${clock(seconds)}  ${steps}  (of ${String(counts.people)}, ${String(rate)} people/s, ${remainingOf(counts, seconds)})`;
}

/** Lines for a terminal, one bar per step. */
export function progressLines(counts: Counts, seconds: number): string[] {
  const width = Math.max(...Object.values(LABELS).map((label) => label.length));
  const bars = STEPS.map((step) => {
    const share = counts.people === 0 ? 0 : counts[step] / counts.people;
    const filled = Math.round(share * BAR_WIDTH);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
    const rate = seconds > 0 ? `${String(Math.round(counts[step] / seconds))}/s` : '';
    return `  ${LABELS[step].padEnd(width)}  ${bar}  ${String(counts[step]).padStart(6)} of ${String(counts.people)}  ${rate}`;
  });
  return [...bars, `  ${clock(seconds)} elapsed, ${remainingOf(counts, seconds)}`];
}
