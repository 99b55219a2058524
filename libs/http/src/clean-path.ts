import type { NextFunction, Request, Response } from 'express';

/**
 * Takes repeated slashes of a path for one, as clients that join addresses by hand send them. Stands before everything that looks
 * at the path, so that nothing takes another spelling for another route. The query stays as it is.
 */
export function cleanPath(request: Request, _response: Response, next: NextFunction): void {
  const { url } = request;
  if (url.startsWith('/') && url.includes('//')) {
    request.url = url.replace(/^[^?]*/, (path) => path.replaceAll(/\/{2,}/g, '/'));
    // From this one the links of a list are made.
    request.originalUrl = request.url;
  }
  next();
}
