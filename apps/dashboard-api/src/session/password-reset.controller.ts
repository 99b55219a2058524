import { HttpProblem, readDto, traceOf } from '@libs/http';
import type { Logger } from '@libs/observability';
import type { Tenant } from '@libs/tenants';
import { Body, Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { CurrentTenant } from '../access/caller';
import { LOGGER, SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';
import { CaptchaCheck, missingCaptcha } from './captcha-check.service';
import { assertNothingIsMissing } from './device-id';
import { ForgotPasswordDto, ResetPasswordDto } from './login.dto';
import { PasswordReset } from './password-reset.service';
import { originOf } from './request-origin';
import { signInRecord } from './sign-in-audit';

const LINK_IS_COMING = {
  message:
    "If the email you provided is associated with an account, you'll receive a password reset link shortly. Check your inbox and spam folders.",
};

@Controller()
export class PasswordResetController {
  constructor(
    private readonly passwords: PasswordReset,
    private readonly captcha: CaptchaCheck,
    @Inject(SETTINGS) private readonly settings: StaffSettings,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Post('forgot-password')
  @HttpCode(200)
  async forgot(
    @Body() body: unknown,
    @CurrentTenant() tenant: Tenant,
    @Req() request: Request,
  ): Promise<object> {
    const { dto, extras } = readDto(ForgotPasswordDto, body);
    const answer = await this.captcha.answerOf(contextOf(tenant, request), body);
    assertNothingIsMissing({ ...extras, ...missingCaptcha(answer) }, false);
    await this.captcha.assertHuman(answer, request, 500);
    // After the answer, so that its time does not tell whether the address is known.
    this.passwords
      .begin(contextOf(tenant, request), tenant, {
        email: dto.email,
        minutes: this.settings.RESET_TOKEN_EXPIRATION_MINUTES,
      })
      .catch((error: unknown) => {
        this.logger.error({ error }, 'a link to choose a new password was not sent');
      });
    return LINK_IS_COMING;
  }

  @Post('reset-password')
  async reset(
    @Body() body: unknown,
    @CurrentTenant() tenant: Tenant,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { dto, extras } = readDto(ResetPasswordDto, body);
    if (Object.keys(extras).length > 0) throw new HttpProblem(400, { extras });
    const change = { token: dto.reset_token, password: dto.password };
    const reset = await this.passwords.complete(contextOf(tenant, request), change, {
      origin: originOf(request),
      audited: (user) => signInRecord(request, user, '/reset-password'),
    });
    if (reset.ok) {
      response.status(200).json(null);
      return;
    }
    switch (reset.error.kind) {
      case 'weak':
        throw new HttpProblem(400, { extras: reset.error.rules });
      case 'expired':
        throw new HttpProblem(400, {
          error: 'Reset password token expired, please request a new token through the forgot password flow.',
        });
      case 'unknown':
        throw new HttpProblem(400, { error: 'Invalid reset password token.' });
    }
  }
}

const contextOf = (
  tenant: Tenant,
  request: Request,
): { readonly tenantId: string; readonly actor: string; readonly trace: string } => ({
  tenantId: tenant.id,
  actor: 'system:password reset',
  trace: traceOf(request),
});
