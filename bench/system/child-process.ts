import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { GIVEN_TO_EACH_PROCESS } from '@libs/config';

const ROOT = path.join(__dirname, '..', '..');
const LINES_KEPT = 20;
const STOP_PATIENCE_MS = 20_000;

export interface ChildOptions {
  /** What it is called in messages. */
  readonly name: string;
  /** The compiled file, below dist/. */
  readonly script: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Where the process writes its CPU profile when it ends; null for none. */
  readonly profileFolder: string | null;
}

/** A process of the platform as in production: compiled code, an environment of its own, JSON lines on stdout. */
export class Child {
  private readonly lines: string[] = [];
  private readonly listeners = new Set<(line: string) => void>();
  private rest = '';

  private constructor(
    private readonly process: ChildProcess,
    private readonly name: string,
  ) {
    process.stdout?.on('data', (chunk: Buffer) => {
      this.read(chunk.toString());
    });
    process.stderr?.on('data', (chunk: Buffer) => {
      this.read(chunk.toString());
    });
  }

  static spawn({ name, script, environment = {}, args = [], profileFolder }: ChildOptions): Child {
    const profiling =
      profileFolder === null
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-name=${name}.cpuprofile`];
    const child = spawn(process.execPath, [...profiling, path.join(ROOT, script), ...args], {
      env: { ...GIVEN_TO_EACH_PROCESS, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new Child(child, name);
  }

  get pid(): number {
    const { pid } = this.process;
    if (pid === undefined) throw new Error(`${this.name} did not start`);
    return pid;
  }

  /** The first line that `read` makes something of. Rejects with what the process said when it ends before. */
  async said<T>(read: (line: Readonly<Record<string, unknown>>) => T | undefined): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const settle = (work: () => void): void => {
        this.listeners.delete(look);
        this.process.off('exit', ended);
        work();
      };
      const look = (line: string): void => {
        const fields = fieldsOf(line);
        const found = fields === null ? undefined : read(fields);
        if (found !== undefined)
          settle(() => {
            resolve(found);
          });
      };
      const ended = (): void => {
        settle(() => {
          reject(new Error(`${this.name} has ended. It said last:\n${this.lines.join('\n')}`));
        });
      };
      if (this.hasEnded) ended();
      this.listeners.add(look);
      this.process.once('exit', ended);
    });
  }

  /** Ends it at once, as a power cut does. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    const patience = setTimeout(() => this.process.kill('SIGKILL'), STOP_PATIENCE_MS);
    await this.end('SIGTERM');
    clearTimeout(patience);
  }

  private get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.process, 'exit');
    this.process.kill(signal);
    await ended;
  }

  private read(text: string): void {
    const pieces = (this.rest + text).split('\n');
    this.rest = pieces.pop() ?? '';
    for (const line of pieces) {
      if (this.lines.length >= LINES_KEPT) this.lines.shift();
      this.lines.push(line);
      for (const look of this.listeners) look(line);
    }
  }
}

function fieldsOf(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
