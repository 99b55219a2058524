import { configureHttpEdge, rateLimitRuleOf, RateLimitRepository } from '@libs/http';
import { NestLogger } from '@libs/observability';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { AppModule } from './app.module';
import type { Platform } from './platform.module';

/** The registration page has no scripts, so nothing that gets into it could run. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'none'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'"],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
};

/** The server for wallets and recipients, not listening yet. */
export async function createRecipientServer(platform: Platform): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(platform), {
    bodyParser: false,
    abortOnError: false,
    logger: new NestLogger(platform.logger),
  });
  configureHttpEdge(app, {
    logger: platform.logger,
    metrics: platform.httpMetrics,
    rateLimits: {
      repository: app.get(RateLimitRepository),
      rule: rateLimitRuleOf(platform.settings),
    },
    connections: platform.database.waiting,
    // A signed challenge is the largest body, and has 50 kB at most.
    maySendMuch: () => false,
    // Wallets run on origins that nobody knows beforehand, and no cookie is used here.
    corsOrigins: '*',
    trustedProxyHops: platform.settings.TRUSTED_PROXY_HOPS,
    formBodies: true,
    contentSecurityPolicy: CONTENT_SECURITY_POLICY,
  });
  await app.init();
  return app;
}
