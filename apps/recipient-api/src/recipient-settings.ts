import { CAPTCHA_SETTINGS, checkCaptchaSettings } from '@libs/captcha';
import { readSettings, type SettingsOf } from '@libs/config';
import { BROKER_SETTINGS } from '@libs/eventing';

const RECIPIENT_SETTING_NAMES = [
  ...BROKER_SETTINGS,
  'DATABASE_URL',
  'DATABASE_CONNECTIONS_MAX',
  'LOG_LEVEL',
  'NETWORK_PASSPHRASE',
  'HORIZON_URL',
  'SINGLE_TENANT_MODE',
  'RECIPIENT_PORT',
  'RECIPIENT_METRICS_PORT',
  'BIND_HOST',
  'TRUSTED_PROXY_HOPS',
  'RATE_LIMIT_REQUESTS',
  'RATE_LIMIT_WINDOW_SECONDS',
  'BASE_URL',
  'SEP10_SIGNING_PRIVATE_KEY',
  'SEP24_JWT_SECRET',
  'SEP10_CLIENT_ATTRIBUTION_REQUIRED',
  'CLIENT_DOMAIN_ALLOW_PRIVATE',
  'ALLOW_TEST_OTP',
  ...CAPTCHA_SETTINGS,
  'VERIFICATION_PEPPER',
  'MESSAGE_ENCRYPTION_KEY',
  'REGISTRATION_ATTEMPT_RETENTION_DAYS',
] as const;

/** By which the settings are injected. */
export const SETTINGS = Symbol('settings of recipient-api');

export type RecipientSettings = SettingsOf<typeof RECIPIENT_SETTING_NAMES>;

/** Reads this app's settings, once. Throws one `SettingsError` that names everything that cannot be used. */
export const readRecipientSettings = (
  environment?: Readonly<Record<string, string | undefined>>,
): RecipientSettings => {
  const settings = readSettings(RECIPIENT_SETTING_NAMES, environment);
  checkCaptchaSettings(settings);
  return settings;
};
