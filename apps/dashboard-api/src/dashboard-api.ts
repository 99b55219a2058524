import { configureHttpEdge, rateLimitRuleOf, RateLimitRepository } from '@libs/http';
import { NestLogger } from '@libs/observability';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { brokenKeyJsonText } from './api-keys/api-key-body';
import { CallerLook } from './access/caller-look.service';
import { checkEveryRouteIsGuarded } from './access/route-check';
import { AppModule } from './app.module';
import { OperatorModule } from './operator/operator.module';
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

/** The server for staff, not listening yet. Throws when a route has no row in the table of access. */
export async function createStaffServer(platform: Platform): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(platform), {
    bodyParser: false,
    abortOnError: false,
    logger: new NestLogger(platform.logger),
  });
  const look = app.get(CallerLook, { strict: false });
  configureHttpEdge(app, {
    logger: platform.logger,
    metrics: platform.httpMetrics,
    rateLimits: {
      repository: app.get(RateLimitRepository),
      rule: rateLimitRuleOf(platform.settings),
      takenAlong: (request, order) => look.takenAlong(request, order),
    },
    connections: platform.database.waiting,
    brokenJsonText: brokenKeyJsonText,
    maySendMuch: (request) => look.isOfSomebody(request),
    corsOrigins: platform.settings.CORS_ALLOWED_ORIGINS,
    trustedProxyHops: platform.settings.TRUSTED_PROXY_HOPS,
    contentSecurityPolicy: CONTENT_SECURITY_POLICY,
    compresses: true,
  });
  await app.init();
  checkEveryRouteIsGuarded(app);
  return app;
}

/** The server for the operator, not listening yet. It is reached from inside only: no CORS, no rate limit. */
export async function createOperatorServer(platform: Platform): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(OperatorModule.with(platform), {
    bodyParser: false,
    abortOnError: false,
    logger: new NestLogger(platform.logger),
  });
  configureHttpEdge(app, {
    logger: platform.logger,
    metrics: platform.httpMetrics,
    rateLimits: null,
    connections: null,
    corsOrigins: null,
    trustedProxyHops: platform.settings.TRUSTED_PROXY_HOPS,
  });
  return await app.init();
}
