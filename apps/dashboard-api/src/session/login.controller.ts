import { HttpProblem, readDto, traceOf } from '@libs/http';
import { AuditLogRepository, LoginService } from '@libs/identity';
import { type TenantContext, UnitOfWork } from '@libs/persistence';
import { OrganizationsRepository, type Tenant } from '@libs/tenants';
import { Body, Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { CurrentTenant } from '../access/caller';
import { SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';
import { CaptchaCheck, missingCaptcha } from './captcha-check.service';
import { assertNothingIsMissing, deviceIdOf } from './device-id';
import { LoginDto } from './login.dto';
import { needsSecondFactor } from './mfa-requirement';
import { sessionAnswer } from './refresh-cookie';
import { originOf } from './request-origin';
import { SecondStepService } from './second-step.service';
import { signInRecord } from './sign-in-audit';
import { tooManyAttempts } from './too-many-attempts.errors';

const incorrect = (): HttpProblem =>
  new HttpProblem(401, { extras: { details: 'Incorrect email or password' } });

@Controller('login')
export class LoginController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly logins: LoginService,
    private readonly secondStep: SecondStepService,
    private readonly organizations: OrganizationsRepository,
    private readonly auditLog: AuditLogRepository,
    private readonly captcha: CaptchaCheck,
    @Inject(SETTINGS) private readonly settings: StaffSettings,
  ) {}

  @Post()
  @HttpCode(200)
  async login(
    @Body() body: unknown,
    @CurrentTenant() tenant: Tenant,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const context: TenantContext = {
      tenantId: tenant.id,
      actor: 'system:login',
      trace: traceOf(request),
    };
    const organization = await this.unitOfWork.run(context, (tx) => this.organizations.find(tx));
    const needsDevice = needsSecondFactor(organization, this.settings);
    const deviceId = deviceIdOf(request);
    const { dto, extras } = readDto(LoginDto, body);
    const answer = this.captcha.answerTo(organization, body);
    assertNothingIsMissing({ ...extras, ...missingCaptcha(answer) }, needsDevice && deviceId === null);
    await this.captcha.assertHuman(answer, request, 401);
    const origin = originOf(request);
    const check = await this.logins.check(context, dto, origin);
    if (check.outcome === 'wait') {
      throw tooManyAttempts(check.seconds);
    }
    if (check.outcome === 'unknown') throw incorrect();
    const { user } = check;
    const step = await this.unitOfWork.run(context, async (tx) => {
      if (!(await this.logins.stillKnown(tx, check))) throw incorrect();
      const asked = await this.secondStep.ask(tx, user, { organization, deviceId });
      if (asked.kind === 'waits') {
        const seconds = await this.logins.beginWaiting(tx, user, origin);
        // Nothing waits then, and no letter goes out.
        if (seconds > 0) throw tooManyAttempts(seconds);
      }
      if (asked.kind !== 'none') return asked;
      const session = await this.logins.openSession(tx, user, {
        ...origin,
        isProven: false,
        mustEnrol: false,
      });
      await this.auditLog.append(tx, signInRecord(request, user, '/login', session.sessionId));
      return { kind: 'opened' as const, session };
    });
    if (step.kind === 'opened') {
      return sessionAnswer(request, response, step.session, dto.refresh_in_body === true);
    }
    if (step.kind === 'waits') return step.answer;
    throw new HttpProblem(400, { extras: { 'Device-ID': 'Device-ID header is required' } });
  }
}
