import { readSettings, type SettingsOf } from '@libs/config';
import { BROKER_SETTINGS } from '@libs/eventing';

import { type KeySettings, readKeySettings } from './keys/key-settings';

const SUBMISSION_SETTINGS = [
  ...BROKER_SETTINGS,
  'DATABASE_URL',
  'DATABASE_CONNECTIONS_MAX',
  'DATABASE_FAILOVER',
  'LOG_LEVEL',
  'NETWORK_PASSPHRASE',
  'HORIZON_URL',
  'TSS_METRICS_PORT',
  'NUM_CHANNEL_ACCOUNTS',
  'INSTANCE_EXPIRY_SECONDS',
  'MAX_BASE_FEE',
  'PAYMENTS_PER_ENVELOPE',
  'DESTINATION_LOOKUPS_PER_SECOND',
  'TENANT_XLM_BOOTSTRAP_AMOUNT',
] as const;

export type SubmissionSettings = SettingsOf<typeof SUBMISSION_SETTINGS> & { readonly keys: KeySettings };

export const readSubmissionSettings = (): SubmissionSettings => ({
  ...readSettings(SUBMISSION_SETTINGS),
  keys: readKeySettings(),
});
