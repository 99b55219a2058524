import type { LoggerService } from '@nestjs/common';

import type { Logger } from './logger';

/** Lets the framework log through ours: `NestFactory.create(AppModule, { logger: new NestLogger(logger) })`. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    // What the framework calls a log is its start-up chatter.
    this.logger.debug(fieldsOf(message, rest), textOf(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error(fieldsOf(message, rest), textOf(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn(fieldsOf(message, rest), textOf(message));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(fieldsOf(message, rest), textOf(message));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(fieldsOf(message, rest), textOf(message));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.logger.fatal(fieldsOf(message, rest), textOf(message));
  }
}

function fieldsOf(message: unknown, rest: readonly unknown[]): object {
  // The framework passes its context (a class name) last.
  const context = rest.at(-1);
  return {
    ...(message instanceof Error ? { error: message } : {}),
    ...(typeof context === 'string' && !context.includes('\n') ? { context } : {}),
  };
}

function textOf(message: unknown): string {
  if (typeof message === 'string') return message;
  return message instanceof Error ? message.message : JSON.stringify(message);
}
