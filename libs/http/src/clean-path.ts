import type { NextFunction, Request, Response } from 'express';

/** A whole address in the place of a path (RFC 9112, 3.2.2), as proxies send it: whose it is says the header Host. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/**
 * Takes a whole address for its path, and repeated slashes of a path for one, as clients that join addresses by hand send them. Stands before everything that looks
 * at the path, so that nothing takes another spelling for another route. The query stays as it is.
 */
export function cleanPath(request: Request, _response: Response, next: NextFunction): void {
  const { url } = request;
  if (url.includes('//')) {
    const path = url.replace(ORIGIN, '').replace(/^(?!\/)/, '/');
    request.url = path.replace(/^[^?]*/, (slashes) => slashes.replaceAll(/\/{2,}/g, '/'));
    // From this one the links of a list are made.
    request.originalUrl = request.url;
  }
  next();
}
