import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  NotFoundException,
} from '@nestjs/common';
import type { Request, Response } from 'express';

import type { Logger } from '@libs/observability';
import { fieldOf } from '@libs/kernel';
import { NoConnectionError, SealedColumnError } from '@libs/persistence';
import { HttpProblem } from './http-problem.errors';
import { knowsPath } from './known-routes';
import { routeOf } from './request-metrics';

/**
 * Codes by which PostgreSQL says that a value cannot be stored at all (a NUL byte, a number out of range, not a
 * UUID). Input is checked before it gets there; this is the net below, because wrong input is never a 5xx.
 */
const UNSTORABLE_VALUE = ['22021', '22P02', '22P05', '22003', '22001', '22008'];

/** Nobody can help whoever asked but the operator, so they are told to turn there. */
const SEALED =
  'What is kept of this cannot be opened with the key that this server has. Please tell your operator.';

/** When the database may have time again. */
const RETRY_AFTER_SECONDS = 5;

/** The one place where a throw becomes an answer. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    if (response.headersSent) {
      // Half an answer cannot be taken back: cutting the connection is the only honest sign left.
      response.destroy();
      return;
    }
    if (thrown instanceof NotFoundException) {
      answerUnknownRoute(request, response);
      return;
    }
    const problem = this.problemOf(thrown, request);
    if (problem.retryAfterSeconds !== null) response.setHeader('Retry-After', problem.retryAfterSeconds);
    response.status(problem.status).json(problem.body);
  }

  private problemOf(thrown: unknown, request: Request): HttpProblem {
    // What a body parser was told comes wrapped by it and by Nest.
    const cause = fieldOf(thrown, 'cause');
    for (const problem of [thrown, cause, fieldOf(cause, 'cause')]) {
      if (problem instanceof HttpProblem) return problem;
    }
    const status = thrown instanceof HttpException ? thrown.getStatus() : fieldOf(thrown, 'status');
    if (typeof status === 'number' && status >= 400 && status < 500) return new HttpProblem(status);
    const sqlState = fieldOf(thrown, 'code');
    const place = { method: request.method, route: routeOf(request) };
    if (typeof sqlState === 'string' && UNSTORABLE_VALUE.includes(sqlState)) {
      this.logger.warn({ ...place, sqlState }, 'the database refused a value that was not checked before');
      return new HttpProblem(400);
    }
    if (thrown instanceof NoConnectionError) {
      this.logger.warn({ ...place, error: thrown }, 'a request had no connection to the database');
      return new HttpProblem(503, {}, RETRY_AFTER_SECONDS);
    }
    this.logger.error({ ...place, error: thrown }, 'a request failed');
    const error = thrown instanceof SealedColumnError ? { error: SEALED } : {};
    return new HttpProblem(500, { ...error, error_code: '500_0' });
  }
}

function answerUnknownRoute(request: Request, response: Response): void {
  if (knowsPath(request.app, request.path)) response.status(405).end();
  else response.status(404).type('text/plain').send('404 page not found\n');
}
