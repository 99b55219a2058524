import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import type { ArmedFailpoint, FailpointNews } from './failpoints';

export class DiedAtStartError extends Error {
  override readonly name = 'DiedAtStartError';
}

const FILE = path.join(__dirname, 'submission-process.js');
const LINES_KEPT = 30;
const LINE_CHARACTERS_MAX = 300;

/** One transaction-submission as a process of its own. */
export class KillableProcess {
  /** The point at which its connection was cut; null when it was not. */
  cutAt: string | null = null;

  private readonly lines: string[] = [];

  private constructor(
    private readonly child: ChildProcess,
    private readonly onPoint: (point: string, action: ArmedFailpoint['action']) => void,
  ) {
    child.on('message', (message) => {
      // Only our own child speaks here.
      const news = message as FailpointNews;
      if (news.kind === 'reached') this.onPoint(news.point, news.action);
      else this.cutAt = news.point;
    });
  }

  /** Returns when it serves; throws a `DiedAtStartError` when it did not come so far. */
  static async start(
    environment: Readonly<Record<string, string>>,
    onPoint: (point: string, action: ArmedFailpoint['action']) => void,
    armed: ArmedFailpoint | null = null,
  ): Promise<KillableProcess> {
    const child = fork(FILE, [], { env: { ...environment }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const started = new KillableProcess(child, onPoint);
    started.arm(armed);
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        const text = chunk.toString();
        const lines = text.split('\n').filter((line) => line !== '');
        started.lines.push(...lines.map((line) => line.slice(0, LINE_CHARACTERS_MAX)));
        started.lines.splice(0, started.lines.length - LINES_KEPT);
        if (text.includes('transaction-submission has started')) resolve();
      };
      child.stdout?.on('data', read);
      child.stderr?.on('data', read);
      child.once('exit', () => {
        reject(new DiedAtStartError(`transaction-submission ended before it served:\n${started.lastLines}`));
      });
    });
    return started;
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** What it printed last. */
  get lastLines(): string {
    return this.lines.join('\n');
  }

  /** Null disarms. */
  arm(failpoint: ArmedFailpoint | null): void {
    this.cutAt = null;
    if (this.isAlive) this.child.send({ arm: failpoint });
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Its exit code, once it has ended; null when a signal ended it. */
  async ended(): Promise<number | null> {
    if (this.isAlive) await once(this.child, 'exit');
    return this.child.exitCode;
  }
}
