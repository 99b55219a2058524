import { configureHttpEdge, type EdgeLogger, RateLimitRepository } from '@libs/http';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { checkEveryRouteIsGuarded } from './access/route-check';
import { AppModule } from './app.module';
import type { Platform } from './platform.module';

const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  connectSrc: ["'self'"],
  fontSrc: ["'self'"],
  frameSrc: ["'none'"],
  frameAncestors: ["'none'"],
  formAction: ["'self'"],
};

/** Nest's own messages, in the process's log. */
export const nestLogger = (logger: EdgeLogger): LoggerService => ({
  log: () => undefined,
  debug: () => undefined,
  verbose: () => undefined,
  warn: (message: unknown) => {
    logger.warn({}, String(message));
  },
  error: (message: unknown, stack: unknown) => {
    logger.error({ stack }, String(message));
  },
});

/** The server for staff, not listening yet. Throws when a route has no row in the table of access. */
export async function createStaffServer(
  platform: Platform,
  logger: EdgeLogger,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(platform), {
    bodyParser: false,
    abortOnError: false,
    logger: nestLogger(logger),
  });
  configureHttpEdge(app, {
    logger,
    rateLimits: new RateLimitRepository(platform.database),
    corsOrigins: platform.settings.CORS_ALLOWED_ORIGINS,
    trustedProxyHops: platform.settings.TRUSTED_PROXY_HOPS,
    contentSecurityPolicy: CONTENT_SECURITY_POLICY,
  });
  await app.init();
  checkEveryRouteIsGuarded(app);
  return app;
}
