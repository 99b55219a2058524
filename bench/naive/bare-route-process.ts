import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';

/** The same answer as the route of the app that it is compared with, and nothing else: no guard, no limit, no metrics. */
@Controller(process.env['ROUTE'] ?? '')
class BareController {
  @Get()
  types(): readonly string[] {
    return ['EMAIL', 'PHONE_NUMBER', 'EMAIL_AND_WALLET_ADDRESS', 'PHONE_NUMBER_AND_WALLET_ADDRESS'];
  }
}

@Module({ controllers: [BareController] })
class BareModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(BareModule, { logger: false });
  // As the app shows JSON, so that the answers are the same to the last byte.
  app.set('json spaces', 2);
  app.set('etag', false);
  await app.listen(0, '127.0.0.1');
  const port = Number(new URL(await app.getUrl()).port);
  process.stdout.write(`${JSON.stringify({ port })}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void app.close().then(() => process.exit(0));
    });
  }
}

void main();
