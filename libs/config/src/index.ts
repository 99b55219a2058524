export { childEnvironment, GIVEN_TO_EACH_PROCESS, isSet, type SettingTexts } from './child-environment';
export { PUBLIC_NETWORK_PASSPHRASE, readSettings, SettingsError, type SettingsOf } from './read-settings';
export type { Setting } from './setting';
export { type SettingName, SETTINGS } from './settings';
export { operatorName } from './operator-name';
