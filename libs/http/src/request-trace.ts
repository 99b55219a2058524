import { randomBytes } from 'node:crypto';

import type { NextFunction, Request, Response } from 'express';

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

const traces = new WeakMap<object, string>();

/** Gives each request a W3C traceparent: the caller's when it sent a valid one, otherwise a new one. */
export function requestTrace(request: Request, response: Response, next: NextFunction): void {
  const given = request.headers['traceparent'];
  const trace =
    typeof given === 'string' && TRACEPARENT.test(given)
      ? given
      : `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
  traces.set(request, trace);
  response.setHeader('X-Request-Id', trace.slice(3, 35));
  next();
}

/** The traceparent of a request; empty outside of one. */
export const traceOf = (request: object): string => traces.get(request) ?? '';
