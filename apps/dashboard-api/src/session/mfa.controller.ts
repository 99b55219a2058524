import { HttpProblem, readDto, traceOf } from '@libs/http';
import { type TenantContext, UnitOfWork } from '@libs/persistence';
import type { Tenant } from '@libs/tenants';
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { CurrentTenant } from '../access/caller';
import { CaptchaCheck, missingCaptcha } from './captcha-check.service';
import { assertNothingIsMissing, deviceIdOf } from './device-id';
import { MfaDto } from './login.dto';
import { MfaProof } from './mfa-proof.service';
import { sessionAnswer } from './refresh-cookie';
import { originOf } from './request-origin';
import { signInRecord } from './sign-in-audit';
import { tooManyAttempts } from './too-many-attempts.errors';

/** The same for everybody, so that nobody learns who is signing in. */
const CODE_SENT = { message: 'MFA code sent to email. Check your inbox and spam folders.' };

@Controller('mfa')
export class MfaController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly proofs: MfaProof,
    private readonly captcha: CaptchaCheck,
  ) {}

  @Post()
  @HttpCode(200)
  async prove(
    @Body() body: unknown,
    @CurrentTenant() tenant: Tenant,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const { dto, extras } = readDto(MfaDto, body);
    const answer = await this.captcha.answerOf(contextOf(tenant, request), body);
    const deviceId = deviceOf(request, { ...extras, ...missingCaptcha(answer) });
    await this.captcha.assertHuman(answer, request, 500);
    const tried = await this.unitOfWork.run(contextOf(tenant, request), (tx) =>
      this.proofs.prove(tx, {
        tenant,
        origin: { ...originOf(request), deviceId },
        code: typeof dto.mfa_code === 'string' ? dto.mfa_code.trim() : null,
        passkey: dto.passkey ?? null,
        remember: dto.remember_me === true,
        audited: (user, sessionId) => signInRecord(request, user, '/mfa', sessionId),
      }),
    );
    if (tried.kind === 'wait') throw tooManyAttempts(tried.seconds);
    if (tried.kind === 'wrong') throw new HttpProblem(401);
    return sessionAnswer(request, response, tried.session, dto.refresh_in_body === true);
  }

  /** For who cannot reach their authenticator now. */
  @Post('email')
  @HttpCode(200)
  async mail(@CurrentTenant() tenant: Tenant, @Req() request: Request): Promise<object> {
    const deviceId = deviceOf(request, {});
    await this.unitOfWork.run(contextOf(tenant, request), (tx) => this.proofs.mailCode(tx, deviceId));
    return CODE_SENT;
  }

  /** The question for `navigator.credentials.get`; its answer goes to POST /mfa as `passkey`. */
  @Post('passkey-options')
  @HttpCode(200)
  async passkeyOptions(@CurrentTenant() tenant: Tenant, @Req() request: Request): Promise<object> {
    const deviceId = deviceOf(request, {});
    const options = await this.unitOfWork.run(contextOf(tenant, request), (tx) =>
      this.proofs.passkeyOptions(tx, tenant, deviceId),
    );
    if (options === null) throw new HttpProblem(401);
    return options;
  }
}

function deviceOf(request: Request, extras: Readonly<Record<string, string>>): string {
  const deviceId = deviceIdOf(request);
  assertNothingIsMissing(extras, deviceId === null);
  return deviceId ?? '';
}

const contextOf = (tenant: Tenant, request: Request): TenantContext => ({
  tenantId: tenant.id,
  actor: 'system:login',
  trace: traceOf(request),
});
