import { SettingsError } from '@libs/config';
import { createLogger } from '@libs/observability';

import { startSubmission } from './submission-app';
import { readSubmissionSettings } from './submission-settings';

const DRAIN_MS = 8_000;

async function main(): Promise<void> {
  const settings = readSubmissionSettings();
  const logger = createLogger({ app: 'transaction-submission', level: settings.LOG_LEVEL });
  const app = await startSubmission(settings, logger);

  const drain = async (): Promise<void> => {
    // What is still in flight after this is found again by its evidence.
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
