import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

import { LocalKafkaError } from './local-kafka.errors';

/** What a broker is made with, and what to say when it is not there. */
const NEEDED = {
  java: 'Java 17 or newer (Debian: apt-get install openjdk-17-jre-headless)',
  mvn: 'Maven (Debian: apt-get install maven)',
  openssl: 'OpenSSL (Debian: apt-get install openssl)',
} as const;

export type Program = keyof typeof NEEDED;

/** One sentence about what this machine lacks to run a broker; undefined when it has everything. */
export function whatIsMissing(programs: readonly Program[] = ['java', 'mvn', 'openssl']): string | undefined {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return undefined;
  return `A local Kafka broker needs ${missing.map((program) => NEEDED[program]).join(' and ')}.`;
}

function isInstalled(program: Program): boolean {
  return spawnSync('/bin/sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}

const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** Runs a program to its end, in the environment of this process unless told. Its own complaint becomes part of the error. */
export async function run(
  program: Program,
  args: readonly string[],
  cwd: string,
  environment?: Readonly<Record<string, string>>,
): Promise<string> {
  try {
    const options = { cwd, env: environment, maxBuffer: OUTPUT_BYTES_MAX };
    const { stdout } = await promisify(execFile)(program, [...args], options);
    return stdout;
  } catch (cause) {
    const printed = ['stderr', 'stdout'].map((name) => textOf(cause, name)).join('\n');
    if (program === 'java' && isOfOldJava(printed)) throw new LocalKafkaError(OLD_JAVA, { cause });
    throw new LocalKafkaError(`${program} failed in ${cwd}: ${complaintOf(cause)}`, { cause });
  }
}

/** What a Java that is too old prints of classes that were compiled for a newer one. */
export const isOfOldJava = (printed: string): boolean =>
  /UnsupportedClassVersionError|LinkageError|has been compiled by a more recent version/.test(printed);

export const OLD_JAVA = 'Kafka needs Java 17 or newer; the `java` here is older.';

function complaintOf(cause: unknown): string {
  const printed = ['stderr', 'stdout'].map((name) => textOf(cause, name)).find((text) => text !== '');
  const lines = (printed ?? String(cause)).trim().split('\n');
  return (lines.find((line) => /ERROR|rror:/.test(line)) ?? lines.at(-1) ?? '').slice(0, 500);
}

function textOf(cause: unknown, name: string): string {
  if (typeof cause !== 'object' || cause === null) return '';
  const value: unknown = Reflect.get(cause, name);
  return typeof value === 'string' ? value.trim() : '';
}
