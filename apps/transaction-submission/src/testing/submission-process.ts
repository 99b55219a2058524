import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** The checkout; this file is compiled to dist/ and run from sources by tests, so it is looked for. */
const ROOT = path.join(__dirname, '../../../..');
const APP = path.join(ROOT, 'dist/apps/transaction-submission/src');

/** Where a compiled file of this app is. */
export const compiledApp = (file: string): string => path.join(APP, file);

export interface SubmissionProcess {
  readonly child: ChildProcess;
  readonly instanceId: string;
  /** Where /health, /ready and /metrics are served. */
  readonly port: number;
  signal(signal: NodeJS.Signals): void;
  /** Its exit code, once it has ended; null when a signal ended it. */
  ended(): Promise<number | null>;
}

export function buildApps(): void {
  const build = spawnSync(process.execPath, [path.join(ROOT, 'tools/build.cjs')]);
  if (build.status !== 0) throw new Error(`the build failed: ${build.stderr.toString()}`);
}

/** Starts transaction-submission as a process of its own and returns when it serves. */
export async function spawnSubmission(
  environment: Readonly<Record<string, string>>,
): Promise<SubmissionProcess> {
  const child = spawn(process.execPath, [compiledApp('main.js')], {
    env: { TSS_METRICS_PORT: '0', EVENT_BROKER_TYPE: 'POSTGRES', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const started = await new Promise<{ readonly port: number; readonly instanceId: string }>(
    (resolve, reject) => {
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        const line = output.split('\n').find((one) => one.includes('transaction-submission has started'));
        if (line !== undefined && line.endsWith('}'))
          resolve(JSON.parse(line) as { port: number; instanceId: string });
      });
      child.once('exit', () => {
        reject(new Error(`transaction-submission ended before it was ready: ${errors.join('')}${output}`));
      });
    },
  );
  return {
    child,
    ...started,
    signal: (signal) => child.kill(signal),
    ended: async () => {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      return child.exitCode;
    },
  };
}

export interface CommandResult {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs one of the commands of this app to its end, or kills it when it has said what `killAfter` waits for. */
export async function runCommand(
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  killAfter: RegExp | null = null,
): Promise<CommandResult> {
  const child = spawn(process.execPath, [compiledApp(`cli/${script}.js`), ...args], {
    env: { ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  const look = (): void => {
    if (killAfter?.test(errors + output) === true) child.kill('SIGKILL');
  };
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
    look();
  });
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    look();
  });
  await once(child, 'close');
  return { code: child.exitCode, output, errors };
}
