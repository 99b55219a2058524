import type { CaptchaWidget } from '@libs/captcha';
import type { VerificationField } from '@libs/contracts';

import { html, type Html } from './html';
import { captchaField, captchaScripts } from './page-captcha';
import { PAGE_TEXTS, type PageLanguage, type PageMistake, type PageTexts } from './page-texts';

export const PAGE_PATH = '/wallet-registration';

export interface PageFrame {
  readonly lang: PageLanguage;
  readonly organization: string;
  readonly privacyPolicyLink: string | null;
  readonly hasLogo: boolean;
  /** Null before it is known whose page this is. */
  readonly captcha: CaptchaWidget | null;
}

/** Where the person stands on the page. */
export type PageStep =
  | {
      readonly kind: 'contact';
      readonly token: string;
      readonly contact: string;
      readonly mistake: PageMistake | null;
    }
  | {
      readonly kind: 'code';
      readonly token: string;
      readonly contact: string;
      readonly field: VerificationField;
      /** What the person wrote before, so that a mistyped code does not cost it. */
      readonly value: string;
      readonly mistake: PageMistake | null;
    }
  | { readonly kind: 'done' }
  | { readonly kind: 'registered'; readonly contact: string }
  | { readonly kind: 'expired' };

/** One whole page: works without scripts (but for a captcha), in any browser that a wallet may open. */
export function renderPage(frame: PageFrame, step: PageStep): string {
  const texts = PAGE_TEXTS[frame.lang];
  const { privacyPolicyLink, captcha } = frame;
  const hasForm = step.kind === 'contact' || step.kind === 'code';
  // Only a web address: a link of another kind could run something.
  const isWebAddress = privacyPolicyLink !== null && /^https?:\/\//i.test(privacyPolicyLink);
  const page = html`<!doctype html>
    <html lang="${frame.lang}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${titleOf(texts, step)} · ${frame.organization}</title>
        <link rel="stylesheet" href="${PAGE_PATH}/style.css" />
      </head>
      <body>
        <main>
          ${frame.hasLogo ? html`<img class="logo" src="/organization/logo" alt="" />` : null}
          <p class="organization">${frame.organization}</p>
          <h1>${titleOf(texts, step)}</h1>
          ${contentOf(frame, texts, step)}
          ${isWebAddress ? html`<p class="privacy"><a href="${privacyPolicyLink}" rel="noreferrer noopener">${texts.privacy}</a></p>` : null}
        </main>
        ${hasForm && captcha !== null ? captchaScripts(captcha, { lang: frame.lang, path: PAGE_PATH, needsScripts: texts.needsScripts }) : null}
      </body>
    </html> `;
  return page.html;
}

const captchaOf = (frame: PageFrame): Html | null =>
  frame.captcha === null ? null : captchaField(frame.captcha);

function titleOf(texts: PageTexts, step: PageStep): string {
  switch (step.kind) {
    case 'contact':
    case 'code':
      return texts.title;
    case 'done':
      return texts.doneTitle;
    case 'registered':
      return texts.registeredTitle;
    case 'expired':
      return texts.expiredTitle;
  }
}

function contentOf(frame: PageFrame, texts: PageTexts, step: PageStep): Html {
  switch (step.kind) {
    case 'contact':
      return html`${mistakeOf(texts, step.mistake)}
        <p>${texts.intro(frame.organization)}</p>
        <form method="post" action="${PAGE_PATH}/start?lang=${frame.lang}">
          <input type="hidden" name="token" value="${step.token}" />
          ${input({ name: 'contact', label: texts.contact, hint: texts.contactHint, value: step.contact, isWrong: step.mistake !== null, more: html` autocomplete="on" autocapitalize="none" spellcheck="false"` })}
          ${captchaOf(frame)}
          <button type="submit">${texts.sendCode}</button>
        </form>`;
    case 'code':
      return codeForms(frame, texts, step);
    case 'done':
      return html`<p role="status">${texts.done(frame.organization)}</p>`;
    case 'registered':
      return html`<p role="status">${texts.registered(step.contact)}</p>`;
    case 'expired':
      return html`<p role="alert">${texts.expired}</p>`;
  }
}

const CODE_MISTAKES: readonly (PageMistake | null)[] = [
  'code_format',
  'code_wrong',
  'code_expired',
  'code_exceeded',
];
const VALUE_MISTAKES: readonly (PageMistake | null)[] = [
  'value_format',
  'value_future',
  'value_wrong',
  'value_exceeded',
];

function codeForms(frame: PageFrame, texts: PageTexts, step: Extract<PageStep, { kind: 'code' }>): Html {
  const { field, token, contact, mistake } = step;
  const known = html`<input type="hidden" name="token" value="${token}" />
    <input type="hidden" name="contact" value="${contact}" />`;
  return html`${mistakeOf(texts, mistake)}
    <p role="status">${texts.sent(contact)}</p>
    <form method="post" action="${PAGE_PATH}/register?lang=${frame.lang}">
      ${known}
      <input type="hidden" name="verification_field" value="${field}" />
      ${input({ name: 'otp', label: texts.code, hint: texts.codeHint, value: '', isWrong: CODE_MISTAKES.includes(mistake), more: html` inputmode="numeric" pattern="[0-9]{6}" maxlength="6" autocomplete="one-time-code"` })}
      ${input({ name: 'verification', label: texts.value[field], hint: texts.valueHint[field], value: VALUE_MISTAKES.includes(mistake) ? '' : step.value, isWrong: VALUE_MISTAKES.includes(mistake), more: valueAttributes(field) })}
      ${captchaOf(frame)}
      <button type="submit">${texts.register}</button>
    </form>
    <form method="post" action="${PAGE_PATH}/start?lang=${frame.lang}">
      ${known} ${captchaOf(frame)}
      <button type="submit" class="second">${texts.sendAgain}</button>
    </form>`;
}

function valueAttributes(field: VerificationField): Html {
  switch (field) {
    case 'DATE_OF_BIRTH':
      return html` inputmode="numeric" pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}" maxlength="10" autocomplete="bday"`;
    case 'YEAR_MONTH':
      return html` inputmode="numeric" pattern="[0-9]{4}-[0-9]{2}" maxlength="7" autocomplete="off"`;
    case 'PIN':
      return html` minlength="4" maxlength="8" autocomplete="off"`;
    case 'NATIONAL_ID_NUMBER':
      return html` maxlength="50" autocomplete="off"`;
  }
}

interface Input {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly isWrong: boolean;
  readonly more: Html;
}

function input({ name, label, hint, value, isWrong, more }: Input): Html {
  return html`<label for="${name}">${label}</label>
    <input
      id="${name}"
      name="${name}"
      value="${value}"
      required
      aria-describedby="${name}-hint"
      ${isWrong ? html` aria-invalid="true" autofocus` : null}${more}
    />
    <p class="hint" id="${name}-hint">${hint}</p>`;
}

const mistakeOf = (texts: PageTexts, mistake: PageMistake | null): Html | null =>
  mistake === null
    ? null
    : html`<div class="mistake" role="alert">
        <strong>${texts.problem}</strong><br />${texts.mistakes[mistake]}
      </div> `;
