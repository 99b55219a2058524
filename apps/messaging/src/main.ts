import { createLogger, runApp } from '@libs/observability';

import { startMessaging } from './messaging-app';
import { readMessagingSettings } from './messaging-settings';

runApp(async () => {
  const settings = readMessagingSettings();
  return await startMessaging(settings, createLogger({ app: 'messaging', level: settings.LOG_LEVEL }));
});
