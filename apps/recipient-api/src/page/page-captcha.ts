import type { CaptchaWidget } from '@libs/captcha';

import { html, type Html } from './html';
import type { PageLanguage } from './page-texts';

/** The field by which both versions send their answer. */
export const CAPTCHA_FIELD = 'g-recaptcha-response';
const GOOGLE = 'https://www.google.com/recaptcha/';

/** A page without a captcha runs no script; with one, that of its provider and of ours, and nothing else. */
export const CAPTCHA_PAGE_POLICY = [
  "default-src 'none'",
  "style-src 'self' 'unsafe-inline'",
  `img-src 'self' https://www.gstatic.com/recaptcha/`,
  `script-src 'self' ${GOOGLE} https://www.gstatic.com/recaptcha/`,
  `frame-src ${GOOGLE} https://recaptcha.google.com/recaptcha/`,
  `connect-src ${GOOGLE}`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Version 3 shows nothing: its answer is fetched when a form is sent, because it counts for two minutes only. */
export const CAPTCHA_SCRIPT = `'use strict';
{
  const { siteKey } = document.currentScript.dataset;
  for (const form of document.forms) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      grecaptcha.ready(() => {
        grecaptcha.execute(siteKey, { action: 'register' }).then((token) => {
          form.elements['${CAPTCHA_FIELD}'].value = token;
          form.submit();
        });
      });
    });
  }
}
`;

/** Inside each form. */
export function captchaField(widget: CaptchaWidget): Html | null {
  if (widget.isDisabled) return null;
  return widget.type === 'GOOGLE_RECAPTCHA_V3'
    ? html`<input type="hidden" name="${CAPTCHA_FIELD}" value="" />`
    : html`<div class="g-recaptcha captcha" data-sitekey="${widget.siteKey}"></div>`;
}

/** At the end of the page. */
export function captchaScripts(
  widget: CaptchaWidget,
  page: { readonly lang: PageLanguage; readonly path: string; readonly needsScripts: string },
): Html | null {
  if (widget.isDisabled) return null;
  const without = html`<noscript><p class="mistake">${page.needsScripts}</p></noscript>`;
  return widget.type === 'GOOGLE_RECAPTCHA_V3'
    ? html`${without}
        <script src="${GOOGLE}api.js?render=${encodeURIComponent(widget.siteKey)}"></script>
        <script src="${page.path}/captcha.js" data-site-key="${widget.siteKey}"></script>`
    : html`${without}
        <script src="${GOOGLE}api.js?hl=${page.lang}" async defer></script>`;
}
