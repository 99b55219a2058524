import { readSettings, type SettingsOf } from '@libs/config';
import { BROKER_SETTINGS } from '@libs/eventing';

const MESSAGING_SETTING_NAMES = [
  ...BROKER_SETTINGS,
  'DATABASE_URL',
  'DATABASE_CONNECTIONS_MAX',
  'LOG_LEVEL',
  'NETWORK_PASSPHRASE',
  'MESSAGING_PORT',
  'SEP10_SIGNING_PRIVATE_KEY',
  'MESSAGE_ENCRYPTION_KEY',
  'MESSAGE_ENCRYPTION_KEYS_READABLE',
  'SMS_SENDER_TYPE',
  'EMAIL_SENDER_TYPE',
  'MESSAGES_IN_FLIGHT_MAX',
  'MESSAGE_RETENTION_DAYS',
  'MAX_INVITATION_RESEND_ATTEMPTS',
] as const;

export type MessagingSettings = SettingsOf<typeof MESSAGING_SETTING_NAMES>;

/** Reads this app's settings, once. Throws one `SettingsError` that names everything that cannot be used. */
export const readMessagingSettings = (
  environment?: Readonly<Record<string, string | undefined>>,
): MessagingSettings => readSettings(MESSAGING_SETTING_NAMES, environment);
