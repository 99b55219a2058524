import type { CaptchaProvider, CaptchaVerdict } from './captcha.port';
import { checkCaptchaSettings, type CaptchaSettings } from './captcha-settings';
import { Recaptcha } from './recaptcha';

/** The word of an organisation, which counts before that of the environment; null for none. */
export type CaptchaChoice = { readonly captchaDisabled: boolean | null } | null;

/** What a page needs to show the captcha. */
export interface CaptchaWidget {
  readonly type: CaptchaSettings['CAPTCHA_TYPE'];
  readonly siteKey: string;
  readonly isDisabled: boolean;
}

/** The captcha of sign-in and registration. Call nothing of it inside a database transaction. */
export class Captcha {
  /** Throws a SettingsError for settings that cannot be used. */
  constructor(
    private readonly settings: CaptchaSettings,
    private readonly provider: CaptchaProvider | null = providerOf(settings),
  ) {
    checkCaptchaSettings(settings);
  }

  /** Whether an organisation may switch it on at all. */
  get isConfigured(): boolean {
    return this.provider !== null;
  }

  isAskedBy(organization: CaptchaChoice): boolean {
    return !(organization?.captchaDisabled ?? this.settings.DISABLE_RECAPTCHA);
  }

  /** Then nobody could solve it: the keys were taken away, or are those of another app only. */
  isAskedInVainBy(organization: CaptchaChoice): boolean {
    return this.isAskedBy(organization) && !this.isConfigured;
  }

  widgetFor(organization: CaptchaChoice): CaptchaWidget {
    return {
      type: this.settings.CAPTCHA_TYPE,
      siteKey: this.settings.RECAPTCHA_SITE_KEY ?? '',
      isDisabled: !this.isAskedBy(organization),
    };
  }

  async verify(token: string, address: string): Promise<CaptchaVerdict> {
    return (await this.provider?.verify(token, address)) ?? 'unreachable';
  }
}

function providerOf(settings: CaptchaSettings): CaptchaProvider | null {
  const { RECAPTCHA_SITE_KEY: siteKey, RECAPTCHA_SITE_SECRET_KEY: secret } = settings;
  if (siteKey === undefined || secret === undefined) return null;
  return new Recaptcha({
    secret,
    verifyUrl: settings.RECAPTCHA_VERIFY_URL,
    scoreMin: settings.CAPTCHA_TYPE === 'GOOGLE_RECAPTCHA_V3' ? settings.RECAPTCHA_V3_MIN_SCORE : null,
  });
}
