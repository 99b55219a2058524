import { type DestinationStream, pino } from 'pino';

import { scrub, scrubText } from './redaction';
import { currentLogFields } from './trace';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** Fields first, then a constant message: `logger.info({ disbursementId }, 'disbursement started')`. */
type Log = (fields: object, message: string) => void;

/** What code that logs needs; a test may pass its own. An error goes into the field `error`. */
export interface Logger {
  readonly fatal: Log;
  readonly error: Log;
  readonly warn: Log;
  readonly info: Log;
  readonly debug: Log;
}

export interface LoggerOptions {
  /** The name of the process, on every line. */
  readonly app: string;
  readonly level?: LogLevel;
  /** Standard output unless a test wants the lines. */
  readonly destination?: DestinationStream;
}

/** One JSON object per line: time (UTC), level, app, tenant and trace of the work at hand; secrets and persons redacted. */
export function createLogger({ app, level = 'info', destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { app, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'message',
    mixin: currentLogFields,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const out = destination === undefined ? pino(options) : pino(options, destination);
  const at =
    (name: LogLevel): Log =>
    (fields, message) => {
      // Scrubbing costs more than the line itself, so it waits until the line is wanted.
      if (out.isLevelEnabled(name)) out[name](asFields(scrub(fields)), scrubText(message));
    };
  return { fatal: at('fatal'), error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

const asFields = (scrubbed: unknown): object =>
  typeof scrubbed === 'object' && scrubbed !== null ? scrubbed : { value: scrubbed };

const nothing: Log = () => undefined;

/** For code that is used without a process around it. */
export const silentLogger: Logger = {
  fatal: nothing,
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
};
