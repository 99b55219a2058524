import type { NextFunction, Request, RequestHandler, Response } from 'express';

import type { Logger } from '@libs/observability';
import type { RateLimitRepository, RateLimitRule } from './rate-limit.repository';

/** 40 requests in 20 seconds, per client address and path. */
export const RATE_LIMIT: RateLimitRule = { requestsMax: 40, windowSeconds: 20 };

const UNLIMITED_PATHS = ['/health', '/ready'];
const SWEEP_EVERY_MS = 30_000;
const SWEEP_ROWS_MAX = 5_000;

/** Refuses more than the allowed requests per client address and path, counted over all replicas. */
export function rateLimit(repository: RateLimitRepository, logger: Logger): RequestHandler {
  let sweptAt = 0;
  const sweep = (): void => {
    const now = performance.now();
    if (now - sweptAt < SWEEP_EVERY_MS) return;
    sweptAt = now;
    repository.forgetOld(RATE_LIMIT.windowSeconds, SWEEP_ROWS_MAX).catch(() => undefined);
  };
  return (request: Request, response: Response, next: NextFunction): void => {
    if (UNLIMITED_PATHS.includes(request.path) || request.method === 'OPTIONS') {
      next();
      return;
    }
    sweep();
    repository.take(`${request.ip ?? ''} ${request.path}`, RATE_LIMIT).then(
      (take) => {
        answer(response, next, take);
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
  response: Response,
  next: NextFunction,
  take: { readonly remaining: number; readonly resetsAtSeconds: number },
): void {
  response.setHeader('X-RateLimit-Limit', RATE_LIMIT.requestsMax);
  response.setHeader('X-RateLimit-Remaining', Math.max(0, take.remaining));
  response.setHeader('X-RateLimit-Reset', take.resetsAtSeconds);
  if (take.remaining >= 0) {
    next();
    return;
  }
  response.setHeader('Retry-After', RATE_LIMIT.windowSeconds);
  response.status(429).type('text/plain').send('Too Many Requests\n');
}
