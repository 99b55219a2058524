import fs from 'node:fs';

import type { Home } from './home';
import { PostgresError } from './postgres.errors';
import { systemErrorCode } from './system-error';

/** The process that started PostgreSQL and is responsible for stopping it. */
interface Owner {
  readonly pid: number;
  /** Tells the process from a later one with the same pid; empty where the system does not say. */
  readonly startedAt: string;
}

/** Takes the data folder for this process. Refused while the process that has it is alive. */
export function takeOwnership(home: Home): void {
  const owner = readOwner(home);
  if (owner !== undefined && owner.pid !== process.pid && isAlive(owner)) {
    throw new PostgresError(
      `The database in ${home.folder} is in use by process ${owner.pid}: stop it first, or choose another data folder.`,
    );
  }
  const self: Owner = { pid: process.pid, startedAt: startTimeOf(process.pid) };
  fs.writeFileSync(home.owner, JSON.stringify(self), { mode: 0o600 });
}

export function giveUpOwnership(home: Home): void {
  fs.rmSync(home.owner, { force: true });
}

/** Whether the process that started the PostgreSQL of this folder is still there. */
export function hasLiveOwner(home: Pick<Home, 'owner'>): boolean {
  const owner = readOwner(home);
  return owner !== undefined && isAlive(owner);
}

function readOwner(home: Pick<Home, 'owner'>): Owner | undefined {
  try {
    return JSON.parse(fs.readFileSync(home.owner, 'utf8')) as Owner;
  } catch {
    // Missing, or cut off by a crash while it was written: nobody can be recognised as the owner.
    return undefined;
  }
}

function isAlive({ pid, startedAt }: Owner): boolean {
  return processExists(pid) && startTimeOf(pid) === startedAt;
}

export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}

/** The start time in ticks since boot, which Linux keeps as the 22nd field; the name before it may hold spaces. */
function startTimeOf(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
