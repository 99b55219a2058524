import { VERIFICATION_FIELDS } from '@libs/contracts';
import { Clock } from '@libs/kernel';
import { Body, Controller, Get, Header, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { CodeRequestsService } from '../registration/code-requests.service';
import { type Contact, emailOf, phoneNumberOf, truncated } from '../registration/contact';
import { inEvenTime } from '../registration/even-time';
import { type FormMistakes, readRegistrationForm } from '../registration/registration-form';
import type { RegistrationInfo } from '../registration/registration.read-model';
import { type CaptchaRefusal, RegistrationCaptcha } from '../registration/registration-captcha.service';
import { RegistrationReports } from '../registration/registration-reports';
import { RegistrationsService } from '../registration/registrations.service';
import { contextOf } from '../tenancy/request-tenant.service';
import type { SignedInRequest } from '../tokens/wallet-session';
import { CAPTCHA_FIELD, CAPTCHA_PAGE_POLICY, CAPTCHA_SCRIPT } from './page-captcha';
import { PAGE_STYLE } from './page-style';
import { pageLanguageOf, type PageMistake } from './page-texts';
import { PageVisits } from './page-visits.service';
import { PAGE_PATH, type PageFrame, type PageStep, renderPage } from './registration-page';

type Fields = Readonly<Record<string, unknown>>;

const textOf = (fields: unknown, name: string): string => {
  const value: unknown =
    typeof fields === 'object' && fields !== null ? Reflect.get(fields, name) : undefined;
  return typeof value === 'string' ? value.trim() : '';
};

const contactOf = (text: string): Contact | null =>
  text.includes('@') ? emailOf(text) : phoneNumberOf(text);

interface Shown {
  readonly visit: SignedInRequest;
  readonly query: Fields;
  readonly step: PageStep;
  /** What was read already. */
  readonly info?: RegistrationInfo | null;
}

/**
 * The registration page for people: two plain forms, rendered here, no scripts but those of a
 * captcha where one is asked for. The token travels in the form and is
 * renewed with each step, so that whoever waits for an SMS is not thrown out.
 */
@Controller(PAGE_PATH.slice(1))
export class RegistrationPageController {
  constructor(
    private readonly visits: PageVisits,
    private readonly clock: Clock,
    private readonly codes: CodeRequestsService,
    private readonly registrations: RegistrationsService,
    private readonly reports: RegistrationReports,
    private readonly captcha: RegistrationCaptcha,
  ) {}

  @Get('style.css')
  @Header('Content-Type', 'text/css; charset=utf-8')
  @Header('Cache-Control', 'public, max-age=3600')
  style(): string {
    return PAGE_STYLE;
  }

  @Get('captcha.js')
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  @Header('Cache-Control', 'public, max-age=3600')
  captchaScript(): string {
    return CAPTCHA_SCRIPT;
  }

  @Get('start')
  async start(@Req() request: Request, @Res() response: Response, @Query() query: Fields): Promise<void> {
    const visit = await this.visits.of(request, textOf(query, 'token'));
    if (visit === null) {
      this.show(response, { query, step: { kind: 'expired' } });
      return;
    }
    const info = await this.registrations.info(contextOf(request, visit.tenant), visit.session);
    const contact = info?.registered_with ?? null;
    const step: PageStep =
      contact === null
        ? { kind: 'contact', token: await this.visits.renewed(visit), contact: '', mistake: null }
        : { kind: 'registered', contact: truncated(contact) };
    await this.showTo(request, response, { visit, query, step, info });
  }

  @Post('start')
  @HttpCode(200)
  async sendCode(
    @Req() request: Request,
    @Res() response: Response,
    @Query() query: Fields,
    @Body() body: unknown,
  ): Promise<void> {
    const visit = await this.visits.of(request, textOf(body, 'token'));
    if (visit === null) {
      this.show(response, { query, step: { kind: 'expired' } });
      return;
    }
    const token = await this.visits.renewed(visit);
    const given = textOf(body, 'contact');
    const contact = contactOf(given);
    const step = async (): Promise<PageStep> => {
      if (contact === null) return { kind: 'contact', token, contact: given, mistake: 'contact' };
      const refusal = await this.captchaRefusalOf(request, visit, body);
      if (refusal !== null) return { kind: 'contact', token, contact: given, mistake: refusal };
      const field = await inEvenTime(() =>
        this.codes.request(contextOf(request, visit.tenant), visit.session, contact),
      );
      return field === null
        ? { kind: 'contact', token, contact: given, mistake: 'too_many_at_once' }
        : { kind: 'code', token, contact: contact.value, field, value: '', mistake: null };
    };
    await this.showTo(request, response, { visit, query, step: await step() });
  }

  @Post('register')
  @HttpCode(200)
  async register(
    @Req() request: Request,
    @Res() response: Response,
    @Query() query: Fields,
    @Body() body: unknown,
  ): Promise<void> {
    const visit = await this.visits.of(request, textOf(body, 'token'));
    if (visit === null) {
      this.show(response, { query, step: { kind: 'expired' } });
      return;
    }
    const step = await this.afterForm(request, visit, body);
    await this.showTo(request, response, { visit, query, step });
  }

  private async afterForm(request: Request, visit: SignedInRequest, body: unknown): Promise<PageStep> {
    const token = await this.visits.renewed(visit);
    const contact = contactOf(textOf(body, 'contact'));
    const field = VERIFICATION_FIELDS.find((one) => one === textOf(body, 'verification_field'));
    if (contact === null || field === undefined) {
      return { kind: 'contact', token, contact: '', mistake: 'contact' };
    }
    const again = (mistake: PageMistake): PageStep => ({
      kind: 'code',
      token,
      contact: contact.value,
      field,
      value: textOf(body, 'verification'),
      mistake,
    });
    const refusal = await this.captchaRefusalOf(request, visit, body);
    if (refusal !== null) return again(refusal);
    const form = readRegistrationForm(
      {
        [contact.kind === 'EMAIL' ? 'email' : 'phone_number']: contact.value,
        otp: textOf(body, 'otp').replace(/\s/g, ''),
        verification: textOf(body, 'verification'),
        verification_field: field,
      },
      this.clock.now(),
    );
    if (!form.ok) return again(mistakeOf(form.error));
    const context = contextOf(request, visit.tenant);
    const outcome = await inEvenTime(() => this.registrations.register(context, visit.session, form.value));
    this.reports.answered(context, visit.session.id, outcome);
    return outcome === 'registered' || outcome === 'already_registered' ? { kind: 'done' } : again(outcome);
  }

  private async captchaRefusalOf(
    request: Request,
    visit: SignedInRequest,
    body: unknown,
  ): Promise<CaptchaRefusal | null> {
    return await this.captcha.refusalOf(
      contextOf(request, visit.tenant),
      request,
      textOf(body, CAPTCHA_FIELD),
    );
  }

  private async showTo(
    request: Request,
    response: Response,
    { visit, query, step, info: known }: Shown,
  ): Promise<void> {
    const info = known ?? (await this.registrations.info(contextOf(request, visit.tenant), visit.session));
    this.show(response, {
      query,
      step,
      organization: info?.organization_name ?? visit.tenant.name,
      privacyPolicyLink: info?.privacy_policy_link ?? null,
      hasLogo: info?.has_logo === true,
      captcha: await this.captcha.widget(contextOf(request, visit.tenant)),
    });
  }

  private show(
    response: Response,
    {
      query,
      step,
      ...frame
    }: { readonly query: Fields; readonly step: PageStep } & Partial<Omit<PageFrame, 'lang'>>,
  ): void {
    const whole: PageFrame = {
      lang: pageLanguageOf(query['lang']),
      organization: frame.organization ?? 'Distributary',
      privacyPolicyLink: frame.privacyPolicyLink ?? null,
      hasLogo: frame.hasLogo ?? false,
      captcha: frame.captcha ?? null,
    };
    const asksForCaptcha = whole.captcha?.isDisabled === false;
    if (asksForCaptcha) response.setHeader('Content-Security-Policy', CAPTCHA_PAGE_POLICY);
    const isMistaken = (step.kind === 'contact' || step.kind === 'code') && step.mistake !== null;
    response.status(step.kind === 'expired' ? 401 : isMistaken ? 400 : 200);
    response.setHeader('Cache-Control', 'no-store');
    response.type('text/html; charset=utf-8').send(renderPage(whole, step));
  }
}

function mistakeOf({ extras, codes }: FormMistakes): PageMistake {
  if ('otp' in extras) return 'code_format';
  return codes.includes('EXTRA_4') ? 'value_future' : 'value_format';
}
