import { readSettings, type SettingsOf } from '@libs/config';
import { BROKER_SETTINGS } from '@libs/eventing';

const CORE_SETTINGS = [
  ...BROKER_SETTINGS,
  'DATABASE_URL',
  'DATABASE_CONNECTIONS_MAX',
  'LOG_LEVEL',
  'CORE_PORT',
  'MAX_BASE_FEE',
] as const;

export type CoreSettings = SettingsOf<typeof CORE_SETTINGS>;

export const readCoreSettings = (): CoreSettings => readSettings(CORE_SETTINGS);
