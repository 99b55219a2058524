import { HttpProblem, readDto, traceOf } from '@libs/http';
import { AuditLogRepository, LoginService, SecondFactor } from '@libs/identity';
import { type TenantContext, UnitOfWork } from '@libs/persistence';
import { OrganizationsRepository, type Tenant } from '@libs/tenants';
import { Body, Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { CurrentTenant } from '../access/caller';
import { SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';
import { assertNothingIsMissing, deviceIdOf } from './device-id';
import { LoginDto } from './login.dto';
import { needsSecondFactor } from './mfa-requirement';
import { sessionAnswer } from './refresh-cookie';
import { originOf } from './request-origin';
import { SecondFactorMail } from './second-factor-mail';
import { signInRecord } from './sign-in-audit';

const CODE_SENT = { message: 'MFA code sent to email. Check your inbox and spam folders.' };

@Controller('login')
export class LoginController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly logins: LoginService,
    private readonly secondFactor: SecondFactor,
    private readonly secondFactorMail: SecondFactorMail,
    private readonly organizations: OrganizationsRepository,
    private readonly auditLog: AuditLogRepository,
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
    assertNothingIsMissing(extras, needsDevice && deviceId === null);
    const origin = originOf(request);
    const check = await this.logins.check(context, dto, origin);
    if (check.outcome === 'wait') {
      response.setHeader('Retry-After', check.seconds);
      throw new HttpProblem(429, { error: 'Too many failed attempts. Please try again later.' });
    }
    if (check.outcome === 'unknown') {
      throw new HttpProblem(401, { extras: { details: 'Incorrect email or password' } });
    }
    const opened = await this.unitOfWork.run(context, async (tx) => {
      const { user } = check;
      const isEnough = !needsDevice || (await this.secondFactor.isRemembered(tx, user.id, deviceId ?? ''));
      if (isEnough) {
        const session = await this.logins.openSession(tx, user, {
          ...origin,
          isProven: false,
          mustEnrol: false,
        });
        await this.auditLog.append(tx, signInRecord(request, user, '/login', session.sessionId));
        return session;
      }
      await this.secondFactorMail.send(tx, user, deviceId ?? '');
      return null;
    });
    return opened === null
      ? CODE_SENT
      : sessionAnswer(request, response, opened, dto.refresh_in_body === true);
  }
}
