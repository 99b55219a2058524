import { HttpProblem, readDto, traceOf } from '@libs/http';
import {
  AuditLogRepository,
  LoginService,
  type RequestOrigin,
  SecondFactor,
  UsersRepository,
} from '@libs/identity';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import type { Tenant } from '@libs/tenants';
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { CurrentTenant } from '../access/caller';
import { assertNothingIsMissing, deviceIdOf } from './device-id';
import { MfaDto } from './login.dto';
import { sessionAnswer } from './refresh-cookie';
import { originOf } from './request-origin';
import { signInRecord } from './sign-in-audit';

@Controller('mfa')
export class MfaController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly logins: LoginService,
    private readonly secondFactor: SecondFactor,
    private readonly users: UsersRepository,
    private readonly auditLog: AuditLogRepository,
  ) {}

  @Post()
  @HttpCode(200)
  async prove(
    @Body() body: unknown,
    @CurrentTenant() tenant: Tenant,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const deviceId = deviceIdOf(request);
    const { dto, extras } = readDto(MfaDto, body);
    assertNothingIsMissing(extras, deviceId === null);
    const context = { tenantId: tenant.id, actor: 'system:login', trace: traceOf(request) };
    const origin = originOf(request);
    const opened = await this.unitOfWork.run(context, async (tx) => {
      const redemption = await this.secondFactor.redeem(tx, {
        deviceId: deviceId ?? '',
        code: dto.mfa_code.trim(),
        remember: dto.remember_me === true,
      });
      if (redemption.kind === 'wrong') {
        // Answered with null instead of a throw, so that the counted try is committed.
        await this.recordFailures(tx, redemption.waitingUserIds, origin);
        return null;
      }
      const user = await this.users.find(tx, redemption.userId);
      if (user?.isActive !== true) return null;
      const session = await this.logins.openSession(tx, user, {
        ...origin,
        isProven: true,
        mustEnrol: false,
      });
      await this.auditLog.append(tx, signInRecord(request, user, '/mfa', session.sessionId));
      return session;
    });
    if (opened === null) throw new HttpProblem(401);
    return sessionAnswer(request, response, opened, dto.refresh_in_body === true);
  }

  private async recordFailures(
    tx: TenantTx,
    userIds: readonly string[],
    origin: RequestOrigin,
  ): Promise<void> {
    for (const userId of userIds) {
      const user = await this.users.find(tx, userId);
      if (user !== null) await this.logins.recordFailure(tx, user, origin);
    }
  }
}
