import fs from 'node:fs';

/** The kernel counts in hundredths of a second on every Linux. */
const MS_PER_TICK = 10;
/** In /proc/<pid>/stat, counted after the name in parentheses: the parent, and the times of the process itself and of its dead children. */
const PARENT = 1;
const TIMES = [11, 12, 13, 14] as const;

interface ProcessTimes {
  readonly parent: number;
  /** User and system time of the process and of its children that have ended. */
  readonly milliseconds: number;
}

/**
 * Milliseconds of CPU that the process and all its children have taken so far; NaN where there is no /proc (elsewhere than
 * on Linux), so that a target on CPU time is missed there instead of being passed unseen.
 */
export function cpuMsOf(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  const own = timesOf(pid);
  if (own === null) return Number.NaN;
  const children = fs
    .readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name) && Number(name) !== pid)
    .map((name) => timesOf(Number(name)))
    .filter((times) => times !== null && times.parent === pid);
  return children.reduce((sum, times) => sum + (times?.milliseconds ?? 0), own.milliseconds);
}

/** Milliseconds of CPU of this very process. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function timesOf(pid: number): ProcessTimes | null {
  let text: string;
  try {
    text = fs.readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  } catch {
    // It has ended since the folder was listed.
    return null;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = TIMES.reduce((sum, index) => sum + Number(fields[index]), 0);
  return { parent: Number(fields[PARENT]), milliseconds: ticks * MS_PER_TICK };
}
