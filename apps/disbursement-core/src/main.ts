import { SettingsError } from '@libs/config';
import { createLogger } from '@libs/observability';

import { startCore } from './core-app';
import { readCoreSettings } from './core-settings';

const DRAIN_MS = 8_000;

async function main(): Promise<void> {
  const settings = readCoreSettings();
  const logger = createLogger({ app: 'disbursement-core', level: settings.LOG_LEVEL });
  const app = await startCore(settings, logger);

  const drain = async (): Promise<void> => {
    // What is still in flight after this is cut: its database transaction is undone and its event comes again.
    setTimeout(() => process.exit(0), DRAIN_MS).unref();
    await app.stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void drain());
}

main().catch((error: unknown) => {
  const isExpected = error instanceof SettingsError;
  process.stderr.write(
    `${isExpected ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(1);
});
