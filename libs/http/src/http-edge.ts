import type { IncomingMessage } from 'node:http';

import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';

import type { HttpMetrics, Logger } from '@libs/observability';
import { ProblemFilter } from './problem.filter';
import { rateLimit } from './rate-limit';
import type { RateLimitRepository } from './rate-limit.repository';
import { requestMetrics } from './request-metrics';
import { requestTrace } from './request-trace';

export interface HttpEdgeOptions {
  readonly logger: Logger;
  readonly metrics: HttpMetrics;
  /** Null where nobody is limited: the operator's server. */
  readonly rateLimits: RateLimitRepository | null;
  /** `*` or origins separated by commas; null for no cross-origin calls. */
  readonly corsOrigins: string | null;
  /** How many proxies in front may name the client's address. */
  readonly trustedProxyHops: number;
  /** Bodies of `application/x-www-form-urlencoded` are read as forms instead of JSON (wallets send them). */
  readonly formBodies?: boolean;
  /** helmet's Content-Security-Policy directives; without them its defaults. */
  readonly contentSecurityPolicy?: Readonly<Record<string, string[]>>;
}

const BODY_BYTES_MAX = 10_000_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** A large upload over a slow line takes minutes. */
const REQUEST_TIMEOUT_MS = 600_000;
const KEEP_ALIVE_MS = 120_000;
const METHODS = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/**
 * Sets up what every HTTP app does with every request: addresses behind proxies, headers, CORS, rate limit, trace,
 * body limits, pretty JSON, and the one filter. Create the app with `bodyParser: false`.
 */
export function configureHttpEdge(app: NestExpressApplication, options: HttpEdgeOptions): void {
  app.set('trust proxy', options.trustedProxyHops);
  app.set('json spaces', 2);
  app.set('etag', false);
  app.disable('x-powered-by');
  const policy = options.contentSecurityPolicy;
  app.use(
    helmet({
      // Screens on another origin show logos from here.
      crossOriginResourcePolicy: { policy: 'cross-origin' },
      // A machine without TLS in front serves plain HTTP, so nothing may be forced to https.
      ...(policy === undefined
        ? {}
        : { contentSecurityPolicy: { directives: { ...policy, upgradeInsecureRequests: null } } }),
    }),
  );
  if (options.corsOrigins !== null) {
    const origins = options.corsOrigins.split(',').map((origin) => origin.trim());
    app.enableCors({ origin: origins.includes('*') ? '*' : origins, methods: METHODS, credentials: false });
  }
  app.use(requestTrace);
  app.use(requestMetrics(options.metrics, app.getHttpAdapter().getInstance()));
  if (options.rateLimits !== null) app.use(rateLimit(options.rateLimits, options.logger));
  app.use((_request: Request, response: Response, next: NextFunction) => {
    response.setHeader('Content-Disposition', 'inline');
    next();
  });
  const isForm = (request: IncomingMessage): boolean =>
    options.formBodies === true &&
    /^application\/x-www-form-urlencoded/i.test(request.headers['content-type'] ?? '');
  if (options.formBodies === true)
    app.useBodyParser('urlencoded', { limit: BODY_BYTES_MAX, extended: false });
  app.useBodyParser('json', {
    limit: BODY_BYTES_MAX,
    // JSON is read whatever the content type says; uploads are streamed by whoever takes them.
    type: (request: IncomingMessage) =>
      !/^multipart\//i.test(request.headers['content-type'] ?? '') && !isForm(request),
  });
  app.useGlobalFilters(new ProblemFilter(options.logger));
  const server = app.getHttpServer();
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
}
