import { PUBLIC_NETWORK_PASSPHRASE, SettingsError } from '@libs/config';
import { createLogger, runApp } from '@libs/observability';

import { startSubmission } from '../../submission-app';
import { readSubmissionSettings } from '../../submission-settings';
import { type ArmedFailpoint, Failpoints } from './failpoints';

/** transaction-submission as it is, with points at which it can be killed or cut off. */
runApp(async () => {
  const settings = readSubmissionSettings();
  if (settings.NETWORK_PASSPHRASE === PUBLIC_NETWORK_PASSPHRASE) {
    throw new SettingsError(['NETWORK_PASSPHRASE: nothing is killed on purpose on the public network']);
  }
  const failpoints = new Failpoints((news) => process.send?.(news));
  failpoints.install();
  // Only our own parent speaks here.
  process.on('message', (message) => {
    failpoints.arm((message as { readonly arm: ArmedFailpoint | null }).arm);
  });
  // Whoever started this is gone: nobody would ever end it.
  process.on('disconnect', () => process.exit(1));
  return await startSubmission(
    settings,
    createLogger({ app: 'transaction-submission', level: settings.LOG_LEVEL }),
  );
});
