import { newTrace, traceIdOf, withTrace } from '@libs/observability';
import type { NextFunction, Request, Response } from 'express';

const traces = new WeakMap<object, string>();

/** Gives each request a W3C traceparent (the caller's when it sent a valid one), in its log lines and its answer. */
export function requestTrace(request: Request, response: Response, next: NextFunction): void {
  const given = request.headers['traceparent'];
  const trace = typeof given === 'string' && traceIdOf(given) !== undefined ? given : newTrace();
  traces.set(request, trace);
  response.setHeader('X-Request-Id', traceIdOf(trace) ?? '');
  withTrace({ trace }, next);
}

/** The traceparent of a request; empty outside of one. */
export const traceOf = (request: object): string => traces.get(request) ?? '';
