import type { VerificationField } from '@libs/contracts';
import { HttpProblem } from '@libs/http';
import { Clock } from '@libs/kernel';
import type { TenantContext } from '@libs/persistence';
import { logoUrlOf } from '@libs/tenants';
import { Body, Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import type { Request } from 'express';

import { contextOf, RequestTenant } from '../tenancy/request-tenant.service';
import { registrationOf, type SessionReaders } from '../tokens/wallet-session';
import { WalletTokens } from '../tokens/wallet-tokens';
import { CodeRequestsService } from './code-requests.service';
import { type Contact, truncated } from './contact';
import { inEvenTime } from './even-time';
import { type FormMistakes, readContact, readRegistrationForm } from './registration-form';
import { RegistrationCaptcha } from './registration-captcha.service';
import { registrationProblem } from './registration.errors';
import { RegistrationReports } from './registration-reports';
import { RegistrationsService } from './registrations.service';

const badForm = ({ extras, codes }: FormMistakes): HttpProblem =>
  new HttpProblem(400, {
    error_code: '400_0',
    extras,
    ...(codes.length === 0 ? {} : { extras_codes: codes }),
  });

/** The API behind the registration page. */
@Controller('sep24-interactive-deposit')
export class RegistrationController {
  private readonly readers: SessionReaders;

  constructor(
    tenants: RequestTenant,
    tokens: WalletTokens,
    private readonly clock: Clock,
    private readonly codes: CodeRequestsService,
    private readonly registrations: RegistrationsService,
    private readonly reports: RegistrationReports,
    private readonly captcha: RegistrationCaptcha,
  ) {
    this.readers = { tokens, tenants };
  }

  @Get('info')
  async info(@Req() request: Request): Promise<object> {
    const { session, tenant } = await registrationOf(this.readers, request);
    const info = await this.registrations.info(contextOf(request, tenant), session);
    const contact = info?.registered_with ?? null;
    const widget = await this.captcha.widget(contextOf(request, tenant));
    return {
      privacy_policy_link: info?.privacy_policy_link ?? '',
      organization_name: info?.organization_name ?? '',
      organization_logo: info?.has_logo === true ? logoUrlOf(tenant) : '',
      truncated_contact_info: contact === null ? '' : truncated(contact),
      is_registered: contact !== null,
      is_recaptcha_disabled: widget.isDisabled,
      recaptcha_site_key: widget.siteKey,
      captcha_type: widget.type,
    };
  }

  @Post('otp')
  @HttpCode(200)
  async sendCode(
    @Req() request: Request,
    @Body() body: unknown,
  ): Promise<{ message: string; verification_field: VerificationField }> {
    const { session, tenant } = await registrationOf(this.readers, request);
    await this.assertHuman(contextOf(request, tenant), request, body);
    const contact = readContact(body);
    if (!contact.ok) throw badForm(contact.error);
    const field = await inEvenTime(() =>
      this.codes.request(contextOf(request, tenant), session, contact.value),
    );
    if (field === null) throw registrationProblem('too_many_at_once');
    return { message: codeSentText(contact.value), verification_field: field };
  }

  @Post('verification')
  @HttpCode(200)
  async register(@Req() request: Request, @Body() body: unknown): Promise<{ message: string }> {
    const { session, tenant } = await registrationOf(this.readers, request);
    const context = contextOf(request, tenant);
    await this.assertHuman(context, request, body);
    const form = readRegistrationForm(body, this.clock.now());
    if (!form.ok) throw badForm(form.error);
    const outcome = await inEvenTime(() => this.registrations.register(context, session, form.value));
    this.reports.answered(context, session.id, outcome);
    if (outcome !== 'registered' && outcome !== 'already_registered') throw registrationProblem(outcome);
    return { message: 'ok' };
  }

  private async assertHuman(context: TenantContext, request: Request, body: unknown): Promise<void> {
    const token: unknown =
      typeof body === 'object' && body !== null ? Reflect.get(body, 'recaptcha_token') : undefined;
    const refusal = await this.captcha.refusalOf(context, request, token);
    if (refusal !== null) throw registrationProblem(refusal);
  }
}

const codeSentText = (contact: Contact): string =>
  `if your ${contact.kind === 'EMAIL' ? 'email' : 'phone number'} is registered, you'll receive an OTP`;
