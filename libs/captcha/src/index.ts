export { Captcha, type CaptchaChoice } from './captcha';
export { CAPTCHA_SETTINGS, checkCaptchaSettings } from './captcha-settings';
