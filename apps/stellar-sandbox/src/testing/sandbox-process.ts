import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** The checkout; this file is compiled to dist/ and run from sources by tests, so it is looked for. */
const ROOT = path.join(__dirname, '../../../..');
const MAIN = path.join(ROOT, 'dist/apps/stellar-sandbox/src/main.js');

export interface SandboxProcess {
  readonly url: string;
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>;
  /** Asks it to end, and returns its exit code. */
  stop(): Promise<number | null>;
}

export function buildSandbox(): void {
  const build = spawnSync(process.execPath, [path.join(ROOT, 'tools/build.cjs')]);
  if (build.status !== 0) throw new Error(`the build failed: ${build.stderr.toString()}`);
}

async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
  return child.exitCode;
}

/** Starts the sandbox as a process of its own and returns when it serves. */
export async function spawnSandbox(environment: Readonly<Record<string, string>>): Promise<SandboxProcess> {
  const child = spawn(process.execPath, [MAIN], {
    env: { SANDBOX_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const port = await new Promise<number>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const match = /"port":(\d+)/.exec(output);
      if (match?.[1] !== undefined) resolve(Number(match[1]));
    });
    child.once('exit', () => {
      reject(new Error(`the sandbox ended before it was ready: ${errors.join('')}`));
    });
  });
  return {
    url: `http://127.0.0.1:${String(port)}`,
    kill: async () => {
      await endOf(child, 'SIGKILL');
    },
    stop: async () => endOf(child, 'SIGTERM'),
  };
}
