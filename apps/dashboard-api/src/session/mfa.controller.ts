import { HttpProblem, readDto, traceOf } from '@libs/http';
import { LoginService, SecondFactor, UsersRepository } from '@libs/identity';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import type { Tenant } from '@libs/tenants';
import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import type { Request } from 'express';

import { CurrentTenant } from '../access/caller';
import { assertNothingIsMissing, deviceIdOf } from './device-id';
import { MfaDto } from './login.dto';

@Controller('mfa')
export class MfaController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly logins: LoginService,
    private readonly secondFactor: SecondFactor,
    private readonly users: UsersRepository,
  ) {}

  @Post()
  @HttpCode(200)
  async prove(
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

  private async recordFailures(tx: TenantTx, userIds: readonly string[]): Promise<void> {
    for (const userId of userIds) {
      const user = await this.users.find(tx, userId);
      if (user !== null) await this.logins.recordFailure(tx, user);
    }
  }
}
