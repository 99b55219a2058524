import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';

import { compiled } from '../supervisor/checkout';
import { until } from './until';

export interface ProgramOptions {
  readonly words: readonly string[];
  readonly dataFolder: string;
  readonly portBase: number;
  /** A PostgreSQL of the user's own; the embedded one when left out. */
  readonly databaseUrl?: string;
}

/** `npm start` or `npm run demo` as a process of its own, as a user has it. */
export class Program {
  output = '';
  errors = '';
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor({ words, dataFolder, portBase, databaseUrl = '' }: ProgramOptions) {
    const child = spawn(process.execPath, [compiled('apps/standalone/src/main'), ...words], {
      env: { ...process.env, DATA_DIR: dataFolder, PORT_BASE: String(portBase), DATABASE_URL: databaseUrl },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk: Buffer) => (this.output += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (this.errors += chunk.toString('utf8')));
    this.child = child;
    this.ended = once(child, 'close');
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async ready(): Promise<void> {
    await until(() => !this.isRunning || this.output.includes('Ready after'));
    if (!this.isRunning) throw new Error(`it ended before it was ready: ${this.output}${this.errors}`);
  }

  /** Sends the signal and returns the exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return await this.exit();
  }

  async exit(): Promise<number | null> {
    await this.ended;
    return this.child.exitCode;
  }
}

/** Living processes whose command line or environment names the data folder. */
export function processesOf(dataFolder: string): string[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((pid) => {
      try {
        const state = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0];
        const told = ['environ', 'cmdline'].map((file) => fs.readFileSync(`/proc/${pid}/${file}`, 'utf8'));
        return state !== 'Z' && told.some((text) => text.includes(dataFolder));
      } catch {
        // It ended while we looked, or belongs to another user.
        return false;
      }
    });
}

/** Everything below a folder, as path and text. */
export function* textsBelow(folder: string): Generator<{ readonly file: string; readonly text: string }> {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* textsBelow(file);
    else if (entry.isFile()) yield { file, text: fs.readFileSync(file, 'utf8') };
  }
}
