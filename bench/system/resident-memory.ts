import fs from 'node:fs';

const KIBIBYTE = 1_024;

/** How much memory the process has at this moment; NaN where there is no /proc, so that a target on it is missed there. */
export function residentBytesOf(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  const status = fs.readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/^VmRSS:\s+([0-9]+) kB$/m.exec(status)?.[1]) * KIBIBYTE;
}
