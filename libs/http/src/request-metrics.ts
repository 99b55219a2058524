import type { HttpMetrics } from '@libs/observability';
import type { NextFunction, Request, RequestHandler, Response } from 'express';

import { routesOf } from './known-routes';

const tenantNames = new WeakMap<object, string>();

/** Tells the metrics whose request this is, once it is known. */
export const nameTenantOf = (request: object, tenantName: string): void => {
  tenantNames.set(request, tenantName);
};

/** The pattern of the route that answered (`/payments/:id`), never the path; `unknown` where none did. */
export const routeOf = (request: Request): string => {
  const route: unknown = request.route;
  const path: unknown = typeof route === 'object' && route !== null ? Reflect.get(route, 'path') : undefined;
  return typeof path === 'string' ? path : 'unknown';
};

/** Measures each request under its route pattern. `expressApp` has all its routes when the first request ends. */
export function requestMetrics(metrics: HttpMetrics, expressApp: unknown): RequestHandler {
  const observe = metrics.ofServer(() => routesOf(expressApp));
  return (request: Request, response: Response, next: NextFunction): void => {
    const startedAt = performance.now();
    response.once('close', () => {
      observe(
        {
          status: response.statusCode,
          route: routeOf(request),
          method: request.method,
          tenantName: tenantNames.get(request) ?? 'no_tenant',
        },
        (performance.now() - startedAt) / 1000,
      );
    });
    next();
  };
}
