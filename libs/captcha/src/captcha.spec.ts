import { SettingsError } from '@libs/config';
import { HUMAN_TOKEN, LocalRecaptcha, tokenWithScore } from '@libs/testing';

import { Captcha } from './captcha';
import type { CaptchaSettings } from './captcha-settings';

const SETTINGS: CaptchaSettings = {
  DISABLE_RECAPTCHA: false,
  CAPTCHA_TYPE: 'GOOGLE_RECAPTCHA_V2',
  RECAPTCHA_SITE_KEY: 'site key',
  RECAPTCHA_SITE_SECRET_KEY: LocalRecaptcha.secret,
  RECAPTCHA_V3_MIN_SCORE: 0.5,
  RECAPTCHA_VERIFY_URL: 'http://127.0.0.1:9/siteverify',
};

describe('a captcha', () => {
  let local: LocalRecaptcha;
  beforeAll(async () => {
    local = await LocalRecaptcha.start();
  });
  afterAll(() => local.stop());
  afterEach(() => {
    local.fault = 'none';
  });
  const captcha = (more: Partial<CaptchaSettings> = {}): Captcha =>
    new Captcha({ ...SETTINGS, RECAPTCHA_VERIFY_URL: local.url, ...more });

  it('tells people from robots, and says whose answer it is', async () => {
    expect(await captcha().verify(HUMAN_TOKEN, '192.0.2.7')).toBe('human');
    expect(local.asked.at(-1)).toEqual({ token: HUMAN_TOKEN, address: '192.0.2.7' });
    expect(await captcha().verify('made up', '192.0.2.7')).toBe('robot');
    expect(await captcha().verify('x'.repeat(10_001), '192.0.2.7')).toBe('robot');
  });

  it.each([
    [0.5, 'human'],
    [0.9, 'human'],
    [0.49, 'robot'],
    [0, 'robot'],
  ] as const)('of version 3 with a score of %d is a %s', async (score, verdict) => {
    const v3 = captcha({ CAPTCHA_TYPE: 'GOOGLE_RECAPTCHA_V3' });
    expect(await v3.verify(tokenWithScore(score), '192.0.2.7')).toBe(verdict);
  });

  it('of version 3 believes no answer without a score', async () => {
    const v3 = captcha({ CAPTCHA_TYPE: 'GOOGLE_RECAPTCHA_V3' });
    expect(await v3.verify(HUMAN_TOKEN, '192.0.2.7')).toBe('unreachable');
  });

  it.each(['silent', 'error', 'html', 'endless', 'wrong_secret'] as const)(
    'lets nobody in when the service is %s',
    async (fault) => {
      local.fault = fault;
      expect(await captcha().verify(HUMAN_TOKEN, '192.0.2.7')).toBe('unreachable');
    },
  );

  it('lets nobody in when nobody listens or none is configured', async () => {
    expect(await new Captcha(SETTINGS).verify(HUMAN_TOKEN, '192.0.2.7')).toBe('unreachable');
    const { RECAPTCHA_SITE_KEY: _, ...keyless } = SETTINGS;
    const none = new Captcha({ ...keyless, DISABLE_RECAPTCHA: true });
    expect(none.isConfigured).toBe(false);
    expect(await none.verify(HUMAN_TOKEN, '192.0.2.7')).toBe('unreachable');
  });

  it('is asked for where the organisation says so, and else where the environment does', () => {
    const asks = (DISABLE_RECAPTCHA: boolean, captchaDisabled: boolean | null): boolean =>
      captcha({ DISABLE_RECAPTCHA }).isAskedBy({ captchaDisabled });
    expect([asks(true, null), asks(true, true), asks(true, false)]).toEqual([false, false, true]);
    expect([asks(false, null), asks(false, true), asks(false, false)]).toEqual([true, false, true]);
    expect(captcha().isAskedBy(null)).toBe(true);
    expect(captcha().widgetFor({ captchaDisabled: true })).toEqual({
      type: 'GOOGLE_RECAPTCHA_V2',
      siteKey: 'site key',
      isDisabled: true,
    });
  });

  it('needs both keys, or to be switched off', () => {
    const { RECAPTCHA_SITE_KEY: _, RECAPTCHA_SITE_SECRET_KEY: __, ...keyless } = SETTINGS;
    expect(() => new Captcha(keyless)).toThrow(
      new SettingsError([
        'RECAPTCHA_SITE_KEY is required unless DISABLE_RECAPTCHA is true',
        'RECAPTCHA_SITE_SECRET_KEY is required unless DISABLE_RECAPTCHA is true',
      ]),
    );
  });
});
