import { SettingsError } from '@libs/config';
import type { EdgeLogger } from '@libs/http';
import { Database, UnitOfWork } from '@libs/persistence';
import pino from 'pino';

import { createStaffServer } from './dashboard-api';
import type { Platform } from './platform.module';
import { readStaffSettings } from './staff-settings';
import { SystemClock } from './system-clock';

const DRAIN_MS = 8_000;

async function main(): Promise<void> {
  const settings = readStaffSettings();
  const logger: EdgeLogger = pino({ level: settings.LOG_LEVEL, name: 'dashboard-api' });
  const database = new Database({
    url: settings.DATABASE_URL,
    applicationName: 'dashboard-api',
    connectionsMax: settings.DATABASE_CONNECTIONS_MAX,
  });
  await database.assertReady();
  const platform: Platform = {
    settings,
    database,
    unitOfWork: new UnitOfWork(database),
    clock: new SystemClock(),
  };
  const staff = await createStaffServer(platform, logger);
  await staff.listen(settings.PORT, settings.BIND_HOST);
  logger.info({ url: await staff.getUrl() }, 'dashboard-api serves staff');

  const drain = async (): Promise<void> => {
    // What is still in flight after this is cut: the supervisor would kill it a moment later anyway.
    const cut = setTimeout(() => process.exit(0), DRAIN_MS);
    await staff.close();
    await database.close();
    clearTimeout(cut);
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
