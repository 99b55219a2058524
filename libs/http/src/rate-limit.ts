import type { NextFunction, Request, RequestHandler, Response } from 'express';

import type { Logger } from '@libs/observability';
import {
  rateLimitKey,
  type RateLimitOrder,
  type RateLimitRepository,
  type RateLimitRule,
  type RateLimitTake,
} from './rate-limit.repository';
import { routedPath } from './routed-path';

export interface RateLimitOptions {
  readonly repository: RateLimitRepository;
  readonly rule: RateLimitRule;
  /**
   * For an app that asks the database about each request anyway: takes the count along in that statement. Null for a
   * request that it does not ask about; that is counted by itself.
   */
  readonly takenAlong?: (request: Request, order: RateLimitOrder) => Promise<RateLimitTake | null>;
}

const UNLIMITED_PATHS = ['/health', '/ready'];
const SWEEP_EVERY_MS = 30_000;
const SWEEP_ROWS_MAX = 5_000;

/** Refuses more than the allowed requests per client address and path, counted over all replicas. */
export function rateLimit(options: RateLimitOptions, logger: Logger): RequestHandler {
  const { repository, rule } = options;
  let sweptAt = 0;
  const sweep = (): void => {
    const now = performance.now();
    if (now - sweptAt < SWEEP_EVERY_MS) return;
    sweptAt = now;
    repository.forgetOld(rule.windowSeconds, SWEEP_ROWS_MAX).then(
      (forgotten) => {
        // There are more: the next request goes on.
        if (forgotten === SWEEP_ROWS_MAX) sweptAt = -SWEEP_EVERY_MS;
      },
      () => undefined,
    );
  };
  const take = async (request: Request): Promise<RateLimitTake> => {
    const order = { key: rateLimitKey(`${request.ip ?? ''} ${routedPath(request)}`), rule };
    return (await options.takenAlong?.(request, order)) ?? (await repository.take(order));
  };
  return (request: Request, response: Response, next: NextFunction): void => {
    if (UNLIMITED_PATHS.includes(request.path) || request.method === 'OPTIONS') {
      next();
      return;
    }
    sweep();
    take(request).then(
      (taken) => {
        answer({ response, next, rule }, taken);
      },
      (error: unknown) => {
        // Without the counter the request goes on: what it needs from the database will tell it more clearly.
        logger.warn({ error }, 'requests are not counted: the rate limit has no database');
        next();
      },
    );
  };
}

function answer(
  { response, next, rule }: { response: Response; next: NextFunction; rule: RateLimitRule },
  taken: RateLimitTake,
): void {
  response.setHeader('X-RateLimit-Limit', rule.requestsMax);
  response.setHeader('X-RateLimit-Remaining', Math.max(0, taken.remaining));
  response.setHeader('X-RateLimit-Reset', taken.resetsAtSeconds);
  if (taken.remaining >= 0) {
    next();
    return;
  }
  response.setHeader('Retry-After', rule.windowSeconds);
  response.status(429).type('text/plain').send('Too Many Requests\n');
}
