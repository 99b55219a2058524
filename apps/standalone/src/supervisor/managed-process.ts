import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { compiled } from './checkout';
import { LogFile } from './log-file';
import type { ProcessSpec } from './process-spec';
import { answersReady } from './readiness';
import { SupervisorError } from './supervisor.errors';

const POLL_MS = 40;
const READY_WITHIN_MS = 60_000;
/** Then the person at the keyboard is told what is waited for. */
const SLOW_AFTER_MS = 5_000;
const BACK_OFF_FIRST_MS = 100;
const BACK_OFF_MAX_MS = 10_000;
/** After this long a process counts as healthy, and its next end is answered as fast as a first one. */
const HEALTHY_AFTER_MS = 30_000;
const LAST_WORDS = 12;

export type ProcessEvent =
  | { readonly kind: 'died'; readonly name: string; readonly reason: string; readonly nextTryInMs: number }
  | { readonly kind: 'ready again'; readonly name: string }
  | { readonly kind: 'slow'; readonly name: string; readonly waitsFor: string };

/** One child process that is started again whenever it ends, until it is told to stop. */
export class ManagedProcess {
  private readonly log: LogFile;
  private child: ChildProcess | undefined;
  private startedAt = 0;
  private saidReady = false;
  private stopping = false;
  private failures = 0;
  private exit: { readonly code: number | null; readonly signal: string | null } | undefined;
  private ended: Promise<void> = Promise.resolve();
  private restart: AbortController | undefined;

  constructor(
    readonly spec: ProcessSpec,
    logFolder: string,
    private readonly report: (event: ProcessEvent) => void,
  ) {
    this.log = new LogFile(logFolder, spec.name);
  }

  get pid(): number | undefined {
    return this.exit === undefined ? this.child?.pid : undefined;
  }

  /** Starts it and waits until it can be used. Throws a `SupervisorError` with its last words when it ends before. */
  async start(): Promise<void> {
    this.spawn();
    const { readyWithinMs = READY_WITHIN_MS } = this.spec;
    const until = performance.now() + readyWithinMs;
    let isSlow = false;
    while (performance.now() < until) {
      if (this.exit !== undefined && this.spec.ready.kind === 'done' && this.exit.code === 0) return;
      if (this.exit !== undefined || this.stopping) break;
      if (await this.isReady()) {
        this.watch();
        return;
      }
      if (!isSlow && performance.now() - this.startedAt > SLOW_AFTER_MS) {
        isSlow = true;
        this.reportSlow();
      }
      await pause(POLL_MS);
    }
    if (this.stopping) return;
    const how =
      this.exit === undefined
        ? `is not ready after ${String(readyWithinMs / 1_000)} s`
        : `ended (${this.reason()})`;
    throw new SupervisorError(
      `${this.spec.name} ${how}. Its log: ${this.log.file}\n${this.log.tail(LAST_WORDS)}`,
    );
  }

  async isReady(): Promise<boolean> {
    if (this.exit !== undefined) return false;
    switch (this.spec.ready.kind) {
      case 'http':
        return await answersReady(this.spec.ready.url);
      case 'message':
        return this.saidReady;
      case 'done':
        return false;
    }
  }

  /** Asks it to drain, and kills it and whatever it started when it has not ended by then. */
  async stop(withinMs: number): Promise<void> {
    this.stopping = true;
    this.restart?.abort();
    if (this.exit !== undefined) return;
    this.signal('SIGTERM');
    const deadline = new AbortController();
    await Promise.race([
      this.ended,
      pause(withinMs, undefined, { signal: deadline.signal }).catch(() => undefined),
    ]);
    deadline.abort();
    // The group, not only the process: what it started must not stay behind either.
    this.signal('SIGKILL');
    await this.ended;
  }

  killNow(): void {
    this.stopping = true;
    this.restart?.abort();
    this.signal('SIGKILL');
  }

  cutLogWhenLarge(): void {
    this.log.cutWhenLarge();
  }

  private spawn(): void {
    const output = this.log.open();
    const child = spawn(process.execPath, ['--require', compiled(LEASH), this.spec.script], {
      env: this.spec.environment,
      stdio: ['ignore', output, output, 'ipc'],
      // A group of its own: Ctrl-C in the terminal reaches the supervisor alone, which stops things in order.
      detached: true,
    });
    fs.closeSync(output);
    this.child = child;
    this.exit = undefined;
    this.saidReady = false;
    this.startedAt = performance.now();
    child.on('message', (message) => {
      if (message === 'ready') this.saidReady = true;
    });
    this.ended = new Promise((resolve) => {
      const end = (code: number | null, signal: string | null): void => {
        this.exit ??= { code, signal };
        resolve();
      };
      child.once('exit', end);
      child.once('error', () => {
        end(1, null);
      });
    });
  }

  private watch(): void {
    void this.ended.then(() => this.comeBack());
  }

  private async comeBack(): Promise<void> {
    if (this.stopping) return;
    this.failures = performance.now() - this.startedAt > HEALTHY_AFTER_MS ? 0 : this.failures;
    const nextTryInMs = Math.min(BACK_OFF_FIRST_MS * 2 ** this.failures, BACK_OFF_MAX_MS);
    this.failures += 1;
    this.report({ kind: 'died', name: this.spec.name, reason: this.reason(), nextTryInMs });
    // What it may have started must not hold its ports.
    this.signal('SIGKILL');
    this.restart = new AbortController();
    await pause(nextTryInMs, undefined, { signal: this.restart.signal }).catch(() => undefined);
    if (this.wasToldToStop()) return;
    this.spawn();
    this.watch();
    await this.reportReady();
  }

  private reportSlow(): void {
    const { name, waitsFor } = this.spec;
    if (waitsFor !== undefined) this.report({ kind: 'slow', name, waitsFor });
  }

  private async reportReady(): Promise<void> {
    const child = this.child;
    while (this.child === child && this.exit === undefined && !this.wasToldToStop()) {
      if (await this.isReady()) {
        this.report({ kind: 'ready again', name: this.spec.name });
        return;
      }
      await pause(POLL_MS);
    }
  }

  private wasToldToStop(): boolean {
    return this.stopping;
  }

  private reason(): string {
    return this.exit?.signal ?? `exit code ${this.exit?.code ?? '?'}`;
  }

  private signal(signal: NodeJS.Signals): void {
    const pid = this.child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Nobody of the group is left.
    }
  }
}

const LEASH = 'apps/standalone/src/supervisor/leash';
