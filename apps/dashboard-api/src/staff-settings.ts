import { CAPTCHA_SETTINGS, checkCaptchaSettings } from '@libs/captcha';
import { readSettings, type SettingsOf } from '@libs/config';
import { BROKER_SETTINGS } from '@libs/eventing';

export const STAFF_SETTING_NAMES = [
  'DATABASE_URL',
  'DATABASE_CONNECTIONS_MAX',
  'LOG_LEVEL',
  'NETWORK_PASSPHRASE',
  'HORIZON_URL',
  ...BROKER_SETTINGS,
  'SINGLE_TENANT_MODE',
  'PORT',
  'ADMIN_PORT',
  'METRICS_PORT',
  'BIND_HOST',
  'TRUSTED_PROXY_HOPS',
  'BASE_URL',
  'SDP_UI_BASE_URL',
  'CORS_ALLOWED_ORIGINS',
  'RATE_LIMIT_REQUESTS',
  'RATE_LIMIT_WINDOW_SECONDS',
  'EC256_PRIVATE_KEY',
  'ADMIN_ACCOUNT',
  'ADMIN_API_KEY',
  'DISABLE_MFA',
  'STEP_UP_MINUTES',
  'EXPORT_SECONDS_MAX',
  ...CAPTCHA_SETTINGS,
  'RESET_TOKEN_EXPIRATION_MINUTES',
  'DISTRIBUTION_PUBLIC_KEY',
  'CLIENT_DOMAIN_ALLOW_PRIVATE',
  'VERIFICATION_PEPPER',
  'MESSAGE_ENCRYPTION_KEY',
  'MESSAGE_ENCRYPTION_KEYS_READABLE',
  'MAX_BASE_FEE',
] as const;

export type StaffSettings = SettingsOf<typeof STAFF_SETTING_NAMES>;

/** Reads this app's settings, once. Throws one `SettingsError` that names everything that cannot be used. */
export function readStaffSettings(environment?: Readonly<Record<string, string | undefined>>): StaffSettings {
  const settings = readSettings(STAFF_SETTING_NAMES, environment);
  checkCaptchaSettings(settings);
  return settings;
}
