import { SessionsRepository, STAFF_TOKEN_SECONDS, StaffTokens } from '@libs/identity';
import { UnitOfWork } from '@libs/persistence';
import { Controller, HttpCode, Post } from '@nestjs/common';

import { type Caller, CurrentCaller } from '../access/caller';

@Controller('refresh-token')
export class RefreshTokenController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sessions: SessionsRepository,
    private readonly tokens: StaffTokens,
  ) {}

  @Post()
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
