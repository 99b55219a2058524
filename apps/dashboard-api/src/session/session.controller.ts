import { HttpProblem, readDto, traceOf } from '@libs/http';
import {
  LoginService,
  MFA_CODE_SECONDS,
  SecondFactor,
  SessionsRepository,
  STAFF_TOKEN_SECONDS,
  StaffTokens,
  type StaffUser,
  UsersRepository,
} from '@libs/identity';
import { Clock } from '@libs/kernel';
import { type TenantContext, type TenantTx, UnitOfWork } from '@libs/persistence';
import { OrganizationsRepository, type Tenant } from '@libs/tenants';
import { Body, Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { type Caller, CurrentCaller, CurrentTenant } from '../access/caller';
import { SETTINGS } from '../platform.module';
import { StaffMail } from '../provisioning/staff-mail.service';
import type { StaffSettings } from '../staff-settings';
import { LoginDto, MfaDto } from './login.dto';
import { needsSecondFactor } from './mfa-requirement';

const DEVICE_ID_LENGTH_MAX = 255;
const CODE_SENT = { message: 'MFA code sent to email. Check your inbox and spam folders.' };

@Controller()
export class SessionController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly logins: LoginService,
    private readonly secondFactor: SecondFactor,
    private readonly users: UsersRepository,
    private readonly sessions: SessionsRepository,
    private readonly tokens: StaffTokens,
    private readonly organizations: OrganizationsRepository,
    private readonly mail: StaffMail,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: StaffSettings,
  ) {}

  @Post('login')
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
    const check = await this.logins.check(context, {
      email: dto.email,
      password: dto.password,
      clientAddress: request.ip ?? '',
    });
    if (check.outcome === 'wait') {
      response.setHeader('Retry-After', check.seconds);
      throw new HttpProblem(429, { error: 'Too many failed attempts. Please try again later.' });
    }
    if (check.outcome === 'unknown') {
      throw new HttpProblem(401, { extras: { details: 'Incorrect email or password' } });
    }
    return await this.unitOfWork.run(context, async (tx) => {
      const { user } = check;
      const isProven = !needsDevice || (await this.secondFactor.isRemembered(tx, user.id, deviceId ?? ''));
      if (isProven) return { token: await this.logins.openSession(tx, user) };
      await this.sendCode(tx, user, deviceId ?? '');
      return CODE_SENT;
    });
  }

  @Post('mfa')
  @HttpCode(200)
  async mfa(
    @Body() body: unknown,
    @CurrentTenant() tenant: Tenant,
    @Req() request: Request,
  ): Promise<object> {
    const deviceId = deviceIdOf(request);
    const { dto, extras } = readDto(MfaDto, body);
    assertNothingIsMissing(extras, deviceId === null);
    const context = { tenantId: tenant.id, actor: 'system:login', trace: traceOf(request) };
    const token = await this.unitOfWork.run(context, async (tx) => {
      const redemption = await this.secondFactor.redeem(tx, {
        deviceId: deviceId ?? '',
        code: dto.mfa_code.trim(),
        remember: dto.remember_me === true,
      });
      if (redemption.kind === 'wrong') {
        // Answered with null instead of a throw, so that the counted try is committed.
        await this.recordFailures(tx, redemption.waitingUserIds);
        return null;
      }
      const user = await this.users.find(tx, redemption.userId);
      return user?.isActive === true ? await this.logins.openSession(tx, user) : null;
    });
    if (token === null) throw new HttpProblem(401);
    return { token };
  }

  @Post('refresh-token')
  @HttpCode(200)
  async refresh(@CurrentCaller() caller: Caller): Promise<object> {
    const subject = {
      tenantId: caller.tenant.id,
      userId: caller.user.id,
      sessionId: caller.sessionId,
      expiresAtSeconds: caller.tokenExpiresAtSeconds,
    };
    if (!this.tokens.needsRenewal(subject)) return { token: caller.token };
    await this.unitOfWork.run(caller.context, (tx) =>
      this.sessions.renew(tx, caller.sessionId, STAFF_TOKEN_SECONDS),
    );
    return { token: await this.tokens.sign(caller.tenant.id, caller.user, caller.sessionId) };
  }

  private async sendCode(tx: TenantTx, user: StaffUser, deviceId: string): Promise<void> {
    const code = await this.secondFactor.issue(tx, user.id, deviceId);
    await this.mail.send(tx, {
      email: user.email,
      title: 'Your sign-in code',
      body:
        `Hello ${user.firstName},\n\nyour code to sign in is ${code}. It works for five minutes. ` +
        'If you did not try to sign in, somebody knows your password: please change it.\n',
      expiresAt: new Date(this.clock.now().getTime() + MFA_CODE_SECONDS * 1000),
    });
  }

  private async recordFailures(tx: TenantTx, userIds: readonly string[]): Promise<void> {
    for (const userId of userIds) {
      const user = await this.users.find(tx, userId);
      if (user !== null) await this.logins.recordFailure(tx, user);
    }
  }
}

function deviceIdOf(request: Request): string | null {
  const header = request.headers['device-id'];
  const text = typeof header === 'string' ? header.trim() : '';
  return text === '' || text.length > DEVICE_ID_LENGTH_MAX ? null : text;
}

function assertNothingIsMissing(extras: Readonly<Record<string, string>>, deviceIsMissing: boolean): void {
  const all = { ...extras, ...(deviceIsMissing ? { 'Device-ID': 'Device-ID header is required' } : {}) };
  if (Object.keys(all).length > 0) throw new HttpProblem(400, { extras: all });
}
