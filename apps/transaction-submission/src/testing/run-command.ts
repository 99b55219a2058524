import { execFile } from 'node:child_process';
import path from 'node:path';

const CLI = path.join(
  __dirname,
  '..',
  '..',
  '..',
  '..',
  'dist',
  'apps',
  'transaction-submission',
  'src',
  'cli',
);

export interface CommandOutcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A command of this app as a person starts it, from the built files, with nothing but the given environment. */
export async function runCommand(
  name: string,
  environment: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<CommandOutcome> {
  return await new Promise((resolve) => {
    const file = path.join(CLI, `${name}.js`);
    const child = execFile(process.execPath, [file, ...args], { env: { ...environment } }, (_, out, err) => {
      resolve({ code: child.exitCode ?? -1, out, err });
    });
  });
}
