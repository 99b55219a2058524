import type { IncomingMessage, ServerResponse } from 'node:http';

import type { NestExpressApplication } from '@nestjs/platform-express';
import type { ErrorRequestHandler, NextFunction, Request, RequestHandler, Response } from 'express';
import helmet, { type HelmetOptions } from 'helmet';

import type { HttpMetrics, Logger } from '@libs/observability';
import { fieldOf } from '@libs/kernel';
import type { WaitingLine } from '@libs/persistence';
import { cleanPath } from './clean-path';
import { compressedAnswers } from './compressed-answers';
import { HttpProblem } from './http-problem.errors';
import { ProblemFilter } from './problem.filter';
import { refuseDeepJson } from './json-depth';
import { LoadShedding } from './load-shedding';
import { rateLimit, type RateLimitOptions } from './rate-limit';
import { requestMetrics } from './request-metrics';
import { requestTrace } from './request-trace';

export interface HttpEdgeOptions {
  readonly logger: Logger;
  readonly metrics: HttpMetrics;
  /** Null where nobody is limited: the operator's server. */
  readonly rateLimits: RateLimitOptions | null;
  /** Who waits for a connection to the database: a long line refuses who comes. Null where nobody is refused: the operator's server. */
  readonly connections: WaitingLine | null;
  /** `*` or origins separated by commas; null for no cross-origin calls. */
  readonly corsOrigins: string | null;
  /** How many proxies in front may name the client's address. */
  readonly trustedProxyHops: number;
  /** Who may send more than 100 kB of JSON (10 MB then); everybody when it is left out. Asked before the body is read. */
  readonly maySendMuch?: (request: object) => boolean;
  /** What is said of broken JSON on a path; null for the text that every bad request gets. */
  readonly brokenJsonText?: (path: string) => string | null;
  /** Bodies of `application/x-www-form-urlencoded` are read as forms instead of JSON (wallets send them). */
  readonly formBodies?: boolean;
  /** Pages and lists are compressed for clients that can read that. */
  readonly compresses?: boolean;
  /** helmet's Content-Security-Policy directives; without them its defaults. */
  readonly contentSecurityPolicy?: Readonly<Record<string, string[]>>;
}

const BODY_BYTES_MAX = 10_000_000;
/** Of somebody whom we do not know: room for a sign-in with a passkey many times over. */
const STRANGER_BODY_BYTES_MAX = 100_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** A large upload over a slow line takes minutes. */
const REQUEST_TIMEOUT_MS = 600_000;
const KEEP_ALIVE_MS = 120_000;
/** What scripts of another origin may read of an answer. */
const EXPOSED_HEADERS = [
  ...['Content-Disposition', 'X-Request-Id', 'Retry-After'],
  ...['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'],
];
const METHODS = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/**
 * Sets up what every HTTP app does with every request: addresses behind proxies, repeated slashes, headers, CORS, rate limit, trace,
 * body limits, pretty JSON, and the one filter. Create the app with `bodyParser: false`.
 */
export function configureHttpEdge(app: NestExpressApplication, options: HttpEdgeOptions): void {
  app.set('trust proxy', options.trustedProxyHops);
  app.set('json spaces', 2);
  app.set('etag', false);
  app.disable('x-powered-by');
  app.use(cleanPath);
  const policy = options.contentSecurityPolicy;
  app.use(
    settingHeaders({
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
    app.enableCors({
      origin: origins.includes('*') ? '*' : origins,
      methods: METHODS,
      credentials: false,
      exposedHeaders: EXPOSED_HEADERS,
    });
  }
  app.use(requestTrace);
  app.use(requestMetrics(options.metrics, app.getHttpAdapter().getInstance()));
  const shedding = options.connections === null ? null : new LoadShedding([options.connections]);
  if (shedding !== null) app.use(shedding.enter);
  if (options.rateLimits !== null) app.use(rateLimit(options.rateLimits, options.logger));
  if (shedding !== null) app.use(shedding.leave);
  app.use((_request: Request, response: Response, next: NextFunction) => {
    response.setHeader('Content-Disposition', 'inline');
    // Answers hold names, money and secrets shown once; a route that may be kept says so itself.
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  if (options.compresses === true) app.use(compressedAnswers());
  const isForm = (request: IncomingMessage): boolean =>
    options.formBodies === true &&
    /^application\/x-www-form-urlencoded/i.test(request.headers['content-type'] ?? '');
  if (options.formBodies === true)
    app.useBodyParser('urlencoded', { limit: BODY_BYTES_MAX, extended: false });
  const maySendMuch = options.maySendMuch ?? ((): boolean => true);
  for (const [much, limit] of [
    [true, BODY_BYTES_MAX],
    [false, STRANGER_BODY_BYTES_MAX],
  ] as const) {
    // A variable, because Nest's type does not know `verify`; it hands every option on.
    const parserOptions = {
      limit,
      verify: refuseDeepJson,
      // JSON is read whatever the content type says; uploads are streamed by whoever takes them, and with a GET comes nothing to read.
      type: (request: IncomingMessage): boolean =>
        request.method !== 'GET' &&
        request.method !== 'HEAD' &&
        !/^multipart\//i.test(request.headers['content-type'] ?? '') &&
        !isForm(request) &&
        maySendMuch(request) === much,
    };
    app.useBodyParser('json', parserOptions);
  }
  const { brokenJsonText } = options;
  if (brokenJsonText !== undefined) app.use(tellBrokenJson(brokenJsonText));
  app.useGlobalFilters(new ProblemFilter(options.logger));
  const server = app.getHttpServer();
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
}

/** What helmet says of every answer is the same for all, so it is asked once: its twelve steps took longer than setting headers does. */
function settingHeaders(options: HelmetOptions): RequestHandler {
  const headers: (readonly [string, string])[] = [];
  const answer = {
    setHeader: (name: string, value: string): number => headers.push([name, value]),
    removeHeader: (): void => undefined,
  };
  helmet(options)({} as IncomingMessage, answer as unknown as ServerResponse, () => undefined);
  return (_request, response, next) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  };
}

/** Stands behind the parsers of bodies, so that their refusal of broken JSON can be told in the words of a route. */
const tellBrokenJson =
  (textOf: (path: string) => string | null): ErrorRequestHandler =>
  (thrown: unknown, request: Request, _response: Response, next: NextFunction): void => {
    const text = fieldOf(thrown, 'type') === 'entity.parse.failed' ? textOf(request.path) : null;
    next(text === null ? thrown : new HttpProblem(400, { error: text }));
  };
