import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { Home } from './home';
import { processExists } from './owner';
import { PostgresError } from './postgres.errors';
import { systemErrorCode } from './system-error';
import type { UnprivilegedUser } from './unprivileged-user';

export interface ProgramOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly user: UnprivilegedUser | undefined;
  /** A file descriptor that takes what the program prints. */
  readonly log: number;
}

const POLL_MS = 10;

/** Starts a program of PostgreSQL in its own process group, so that Ctrl-C in a terminal does not reach it. */
export function spawnProgram({ program, args, user, log }: ProgramOptions): ChildProcess {
  try {
    return spawn(program, args, {
      ...(user ?? {}),
      cwd: '/',
      detached: true,
      // Nothing of our own environment: it may hold secrets, and PG* variables would change what is started.
      env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' },
      stdio: ['ignore', log, log],
    });
  } catch (cause) {
    throw cannotRun(program, cause);
  }
}

/** The exit code, or null when a signal ended it. */
export function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      reject(cannotRun(child.spawnfile, cause));
    });
    child.once('exit', (code) => {
      resolve(code);
    });
  });
}

function cannotRun(program: string, cause: unknown): PostgresError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PostgresError(
    `The embedded PostgreSQL does not run on this machine (${path.basename(program)}: ${reason}): set DATABASE_URL.`,
    { cause },
  );
}

/** What postmaster.pid says: the server's process and whether it accepts connections. */
export function readPidFile(home: Pick<Home, 'cluster'>): { pid: number; ready: boolean } | undefined {
  try {
    const lines = fs.readFileSync(path.join(home.cluster, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number.parseInt(lines[0] ?? '', 10);
    return Number.isInteger(pid) && pid > 0
      ? { pid, ready: /^(ready|standby)$/.test(lines[7]?.trim() ?? '') }
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes the cluster free for a new server: a server whose owner is gone is stopped, and a pid file left by
 * kill −9 (whose number may by now belong to any other process) is removed.
 */
export async function clearLeftovers(home: Pick<Home, 'cluster'>): Promise<void> {
  const left = readPidFile(home);
  if (left === undefined) return;
  if (isServerOf(home, left.pid)) await stopProcess(left.pid, 20_000);
  fs.rmSync(path.join(home.cluster, 'postmaster.pid'), { force: true });
}

/** Fast shutdown, then immediate shutdown, then the kernel's: committed data survives all three. */
export async function stopProcess(pid: number, timeoutMs: number): Promise<void> {
  const steps = [
    { signal: 'SIGINT', waitMs: timeoutMs },
    { signal: 'SIGQUIT', waitMs: 5_000 },
    { signal: 'SIGKILL', waitMs: 5_000 },
  ] as const;
  for (const { signal, waitMs } of steps) {
    if (!signalProcess(pid, signal)) return;
    const until = performance.now() + waitMs;
    while (performance.now() < until) {
      if (hasEnded(pid)) return;
      await pause(POLL_MS);
    }
  }
  throw new PostgresError(`PostgreSQL (process ${pid}) does not stop.`);
}

function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ESRCH') return false;
    throw error;
  }
}

/** A zombie has ended too: its parent may be a process that does not collect its children. */
function hasEnded(pid: number): boolean {
  if (!processExists(pid)) return true;
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return !processExists(pid);
  }
}

function isServerOf(home: Pick<Home, 'cluster'>, pid: number): boolean {
  if (!processExists(pid)) return false;
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(home.cluster);
  } catch {
    // Without /proc (macOS) the pid file is all that is known, and PostgreSQL trusts it as well.
    return process.platform !== 'linux';
  }
}
