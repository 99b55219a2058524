import { createLogger, runApp } from '@libs/observability';

import { startCore } from './core-app';
import { readCoreSettings } from './core-settings';

runApp(async () => {
  const settings = readCoreSettings();
  return await startCore(settings, createLogger({ app: 'disbursement-core', level: settings.LOG_LEVEL }));
});
