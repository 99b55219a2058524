import { SettingsError } from '@libs/config';

export interface CaptchaSettings {
  readonly DISABLE_RECAPTCHA: boolean;
  readonly CAPTCHA_TYPE: 'GOOGLE_RECAPTCHA_V2' | 'GOOGLE_RECAPTCHA_V3';
  readonly RECAPTCHA_SITE_KEY?: string | undefined;
  readonly RECAPTCHA_SITE_SECRET_KEY?: string | undefined;
  readonly RECAPTCHA_V3_MIN_SCORE: number;
  readonly RECAPTCHA_VERIFY_URL: string;
}

/** The names of the settings, for the list of an app. */
export const CAPTCHA_SETTINGS = [
  'DISABLE_RECAPTCHA',
  'CAPTCHA_TYPE',
  'RECAPTCHA_SITE_KEY',
  'RECAPTCHA_SITE_SECRET_KEY',
  'RECAPTCHA_V3_MIN_SCORE',
  'RECAPTCHA_VERIFY_URL',
] as const;

/** Throws a SettingsError where a captcha is asked for that nobody could solve. */
export function checkCaptchaSettings(settings: CaptchaSettings): void {
  if (settings.DISABLE_RECAPTCHA) return;
  const missing = (['RECAPTCHA_SITE_KEY', 'RECAPTCHA_SITE_SECRET_KEY'] as const).filter(
    (name) => settings[name] === undefined,
  );
  if (missing.length > 0) {
    throw new SettingsError(missing.map((name) => `${name} is required unless DISABLE_RECAPTCHA is true`));
  }
}
