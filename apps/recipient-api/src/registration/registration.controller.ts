import type { VerificationField } from '@libs/contracts';
import { HttpProblem } from '@libs/http';
import { Clock } from '@libs/kernel';
import { Body, Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import type { Request } from 'express';

import { contextOf, RequestTenant } from '../tenancy/request-tenant.service';
import { registrationOf, type SessionReaders } from '../tokens/wallet-session';
import { WalletTokens } from '../tokens/wallet-tokens';
import { CodeRequestsService } from './code-requests.service';
import { type Contact, truncated } from './contact';
import { inEvenTime } from './even-time';
import { type FormMistakes, readContact, readRegistrationForm } from './registration-form';
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
  ) {
    this.readers = { tokens, tenants };
  }

  @Get('info')
  async info(@Req() request: Request): Promise<object> {
    const { session, tenant } = await registrationOf(this.readers, request);
    const info = await this.registrations.info(contextOf(request, tenant), session);
    const contact = info?.registered_with ?? null;
    return {
      privacy_policy_link: info?.privacy_policy_link ?? '',
      organization_name: info?.organization_name ?? '',
      organization_logo:
        info?.has_logo === true ? `${tenant.baseUrl.replace(/\/+$/, '')}/organization/logo` : '',
      truncated_contact_info: contact === null ? '' : truncated(contact),
      is_registered: contact !== null,
      // No captcha provider is supported yet, so none is asked for.
      is_recaptcha_disabled: true,
      recaptcha_site_key: '',
      captcha_type: 'GOOGLE_RECAPTCHA_V2',
    };
  }

  @Post('otp')
  @HttpCode(200)
  async sendCode(
    @Req() request: Request,
    @Body() body: unknown,
  ): Promise<{ message: string; verification_field: VerificationField }> {
    const { session, tenant } = await registrationOf(this.readers, request);
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
    const form = readRegistrationForm(body, this.clock.now());
    if (!form.ok) throw badForm(form.error);
    const context = contextOf(request, tenant);
    const outcome = await inEvenTime(() => this.registrations.register(context, session, form.value));
    this.reports.answered(context, session.id, outcome);
    if (outcome !== 'registered' && outcome !== 'already_registered') throw registrationProblem(outcome);
    return { message: 'ok' };
  }
}

const codeSentText = (contact: Contact): string =>
  `if your ${contact.kind === 'EMAIL' ? 'email' : 'phone number'} is registered, you'll receive an OTP`;
