import { HttpProblem, readDto, traceOf } from '@libs/http';
import { LoginService, SessionsRepository, STAFF_TOKEN_SECONDS, StaffTokens } from '@libs/identity';
import { UnitOfWork } from '@libs/persistence';
import type { Tenant } from '@libs/tenants';
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { type Caller, CurrentCaller, CurrentTenant } from '../access/caller';
import { LoginDto } from './login.dto';

@Controller()
export class SessionController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly logins: LoginService,
    private readonly sessions: SessionsRepository,
    private readonly tokens: StaffTokens,
  ) {}

  @Post('login')
  @HttpCode(200)
  async login(
    @Body() body: unknown,
    @CurrentTenant() tenant: Tenant,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const { dto, extras } = readDto(LoginDto, body);
    if (Object.keys(extras).length > 0) throw new HttpProblem(400, { extras });
    const context = { tenantId: tenant.id, actor: 'system:login', trace: traceOf(request) };
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
    const token = await this.unitOfWork.run(context, (tx) => this.logins.openSession(tx, check.user));
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
}
