import readline from 'node:readline/promises';
import { Writable } from 'node:stream';

import { CommandError } from './cli-platform';

const LENGTH_MAX = 1_024;

/** Reads a password: asked for on a terminal without showing it, otherwise the first line of standard input. */
export async function readPassword(): Promise<string> {
  const silent = new Writable({
    write: (_chunk, _encoding, written) => {
      written();
    },
  });
  const isTerminal = process.stdin.isTTY;
  if (isTerminal) process.stderr.write('Password: ');
  const lines = readline.createInterface({ input: process.stdin, output: silent, terminal: isTerminal });
  try {
    for await (const line of lines) {
      if (isTerminal) process.stderr.write('\n');
      return line.slice(0, LENGTH_MAX);
    }
  } finally {
    lines.close();
  }
  throw new CommandError('no password on standard input');
}
