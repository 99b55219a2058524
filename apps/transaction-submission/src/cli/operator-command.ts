import { readSettings, SettingsError } from '@libs/config';
import { Database, UnitOfWork } from '@libs/persistence';

/** A mistake in the command line or in what it names: shown as it is, exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** The exit code when the time was over before the work was done: the command can be repeated. */
export const UNFINISHED = 2;
/** How often a command that waits for the ledger looks again. */
export const LOOK_EVERY_MS = 1_000;
const REASON_CHARACTERS_MAX = 1_000;

/** `--wait` in seconds, as milliseconds. */
export function waitMsOf(seconds: string): number {
  if (!/^\d{1,6}$/.test(seconds)) throw new CommandError('--wait is a number of seconds');
  return Number(seconds) * 1_000;
}

/** A reason as a person gave it; it is kept for good. */
export function reasonOf(text: string | undefined, charactersMax = REASON_CHARACTERS_MAX): string {
  const reason = text?.trim() ?? '';
  if (reason === '') throw new CommandError('Say why: --reason "…". It is kept with your name.');
  if (reason.length > charactersMax)
    throw new CommandError(`--reason may have at most ${String(charactersMax)} characters.`);
  return reason;
}

/** Runs one command against the database as the role of this app, and sets the exit code of the process. */
export async function runOperatorCommand(work: (uow: UnitOfWork) => Promise<void>): Promise<void> {
  const { DATABASE_URL: url } = readSettings(['DATABASE_URL'] as const);
  const database = new Database({ url, applicationName: 'transaction-submission cli', connectionsMax: 2 });
  try {
    await database.assertReady();
    await work(new UnitOfWork(database));
  } finally {
    await database.close();
  }
}

/** What every command ends with: one line about what went wrong, the stack only of what nobody foresaw. */
export function tellFailure(error: unknown): void {
  const isUsage =
    error instanceof CommandError ||
    error instanceof SettingsError ||
    (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
  const text = error instanceof Error ? (isUsage ? error.message : (error.stack ?? error.message)) : error;
  process.stderr.write(`${String(text)}\n`);
  process.exitCode = 1;
}

/** Progress goes to standard error, so that standard output can be read by programs. */
export const tellProgress = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
