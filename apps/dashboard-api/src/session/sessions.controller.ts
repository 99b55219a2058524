import { HttpProblem, traceOf } from '@libs/http';
import { AuditLogRepository, MfaCodesRepository, SessionsRepository } from '@libs/identity';
import { isId } from '@libs/kernel';
import { UnitOfWork } from '@libs/persistence';
import { Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { type Caller, CurrentCaller, PresentCaller, sessionOf } from '../access/caller';
import { hintsOf } from '../access/request-credentials';
import { forgetRefreshCookie, refreshTokenOf } from './refresh-cookie';
import { SessionRenewal } from './session-renewal.service';
import { signInRecord } from './sign-in-audit';

/** Where a person is signed in, and how they stop being it. */
@Controller()
export class SessionsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sessions: SessionsRepository,
    private readonly devices: MfaCodesRepository,
    private readonly renewal: SessionRenewal,
    private readonly auditLog: AuditLogRepository,
  ) {}

  /** Ends this session: its token and its refresh token stop working at once. */
  @Post('logout')
  @HttpCode(204)
  async logout(
    @PresentCaller() caller: Caller | null,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const given = refreshTokenOf(request);
    forgetRefreshCookie(request, response);
    if (caller !== null) {
      await this.unitOfWork.run(caller.context, (tx) =>
        this.sessions.end(tx, caller.user.id, sessionOf(caller).sessionId),
      );
      return;
    }
    const ended =
      given !== null &&
      (await this.renewal.end({
        token: given.text,
        hints: hintsOf(request),
        trace: traceOf(request),
        noteEnd: (tx, user, sessionId) =>
          this.auditLog.append(tx, signInRecord(request, user, '/logout', sessionId)),
      }));
    if (!ended) throw new HttpProblem(401);
  }

  @Get('sessions')
  async list(@CurrentCaller() caller: Caller): Promise<object[]> {
    const here = sessionOf(caller).sessionId;
    const sessions = await this.unitOfWork.run(caller.context, (tx) =>
      this.sessions.list(tx, caller.user.id),
    );
    return sessions.map((session) => ({
      id: session.id,
      is_current: session.id === here,
      address: session.address,
      user_agent: session.userAgent,
      created_at: session.createdAt.toISOString(),
      last_seen_at: session.lastSeenAt.toISOString(),
      expires_at: session.expiresAt.toISOString(),
    }));
  }

  /** Signs out everywhere else, also where a sign-in still waits for its second factor. */
  @Delete('sessions')
  @HttpCode(204)
  async endOthers(@CurrentCaller() caller: Caller): Promise<void> {
    await this.unitOfWork.run(caller.context, async (tx) => {
      await this.devices.endWaiting(tx, caller.user.id);
      await this.sessions.endAllOf(tx, caller.user.id, sessionOf(caller).sessionId);
    });
  }

  @Delete('sessions/:id')
  @HttpCode(204)
  async end(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<void> {
    const ended =
      isId(id) &&
      (await this.unitOfWork.run(caller.context, (tx) => this.sessions.end(tx, caller.user.id, id)));
    if (!ended) throw new HttpProblem(404);
  }
}
