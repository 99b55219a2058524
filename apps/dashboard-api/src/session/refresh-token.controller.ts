import { HttpProblem, traceOf } from '@libs/http';
import { AuditLogRepository, SessionsRepository, StaffTokens } from '@libs/identity';
import { UnitOfWork } from '@libs/persistence';
import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { type Caller, PresentCaller, sessionOf } from '../access/caller';
import { hintsOf } from '../access/request-credentials';
import { forgetRefreshCookie, refreshTokenOf, sessionAnswer } from './refresh-cookie';
import { SessionRenewal } from './session-renewal.service';
import { signInRecord } from './sign-in-audit';

@Controller('refresh-token')
export class RefreshTokenController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sessions: SessionsRepository,
    private readonly tokens: StaffTokens,
    private readonly renewal: SessionRenewal,
    private readonly auditLog: AuditLogRepository,
  ) {}

  /**
   * With a token: that token while it has more than three minutes left, else a new one. Without one: the next token
   * and the next refresh token for a refresh token, which works once.
   */
  @Post()
  @HttpCode(200)
  async refresh(
    @PresentCaller() caller: Caller | null,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    if (caller !== null) return await this.renewToken(caller);
    const given = refreshTokenOf(request);
    const renewed =
      given === null
        ? null
        : await this.renewal.renew({
            token: given.text,
            hints: hintsOf(request),
            trace: traceOf(request),
            noteEnd: (tx, user, sessionId) =>
              this.auditLog.append(tx, signInRecord(request, user, '/refresh-token', sessionId)),
          });
    if (given === null || renewed === null) {
      if (given?.inBody === false) forgetRefreshCookie(request, response);
      throw new HttpProblem(401);
    }
    return sessionAnswer(request, response, renewed, given.inBody);
  }

  private async renewToken(caller: Caller): Promise<object> {
    const { sessionId, token, tokenExpiresAtSeconds } = sessionOf(caller);
    const subject = {
      tenantId: caller.tenant.id,
      userId: caller.user.id,
      sessionId,
      expiresAtSeconds: tokenExpiresAtSeconds,
    };
    if (!this.tokens.needsRenewal(subject)) return { token };
    await this.unitOfWork.run(caller.context, (tx) => this.sessions.renew(tx, sessionId));
    return { token: await this.tokens.sign(caller.tenant.id, caller.user, sessionId) };
  }
}
