export { Captcha, type CaptchaChoice, type CaptchaWidget } from './captcha';
export { CAPTCHA_SETTINGS, checkCaptchaSettings } from './captcha-settings';
