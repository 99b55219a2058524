import { createLogger, runApp } from '@libs/observability';

import { startSubmission } from './submission-app';
import { readSubmissionSettings } from './submission-settings';

runApp(async () => {
  const settings = readSubmissionSettings();
  return await startSubmission(
    settings,
    createLogger({ app: 'transaction-submission', level: settings.LOG_LEVEL }),
  );
});
