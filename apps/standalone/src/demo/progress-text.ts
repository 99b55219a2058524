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

/** The step that is furthest behind decides: each step has a pace of its own, and the file is uploaded in a moment. */
function remainingOf(counts: Counts, seconds: number): string {
  const behind = Math.min(...STEPS.map((step) => counts[step]));
  if (behind >= counts.people) return 'done';
  return behind === 0 ? '…' : `about ${clock(((counts.people - behind) / behind) * seconds)} left`;
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
