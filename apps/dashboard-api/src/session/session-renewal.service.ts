import {
  type OpenedSession,
  type RefreshTokenCheck,
  RefreshTokensRepository,
  SessionsRepository,
  StaffTokens,
  type StaffUser,
  tenantOfRefreshToken,
  UsersRepository,
} from '@libs/identity';
import { type TenantContext, type TenantTx, UnitOfWork } from '@libs/persistence';
import { isUsable, TenantDirectory, type TenantHints, TenantsRepository } from '@libs/tenants';
import { Injectable } from '@nestjs/common';

/** A refresh token as it came with a request. */
export interface RefreshRequest {
  readonly token: string;
  readonly hints: TenantHints;
  readonly trace: string;
  /** What the audit log keeps of a session that is ended by it. */
  readonly noteEnd: (tx: TenantTx, user: StaffUser, sessionId: string) => Promise<void>;
}

/** Renews and ends sessions by their refresh token, for who has no token any more. */
@Injectable()
export class SessionRenewal {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly refreshTokens: RefreshTokensRepository,
    private readonly sessions: SessionsRepository,
    private readonly users: UsersRepository,
    private readonly tenants: TenantsRepository,
    private readonly directory: TenantDirectory,
    private readonly tokens: StaffTokens,
  ) {}

  /** The next tokens of the session; null when this one is not good, which ends the session when it was used before. */
  async renew(request: RefreshRequest): Promise<Pick<OpenedSession, 'token' | 'refreshToken'> | null> {
    return await this.inItsTenant(request, async (tx) => {
      // Answered instead of thrown, so that the end of a session whose token was copied is committed.
      const check = await this.redeem(tx, request);
      const user = check.kind === 'valid' ? await this.users.find(tx, check.userId) : null;
      if (check.kind !== 'valid' || user?.isActive !== true) return null;
      await this.sessions.renew(tx, check.sessionId);
      return {
        token: await this.tokens.sign(tx.tenantId, user, check.sessionId),
        refreshToken: await this.refreshTokens.issue(tx, check.sessionId),
      };
    });
  }

  /** Ends the session of a refresh token. False when it is not good. */
  async end(request: RefreshRequest): Promise<boolean> {
    const ended = await this.inItsTenant(request, async (tx) => {
      const check = await this.redeem(tx, request);
      if (check.kind !== 'valid') return null;
      const isEnded = await this.sessions.end(tx, check.userId, check.sessionId);
      if (isEnded) await this.noteEnd(tx, request, check.userId, check.sessionId);
      return isEnded;
    });
    return ended === true;
  }

  private async redeem(tx: TenantTx, request: RefreshRequest): Promise<RefreshTokenCheck> {
    const check = await this.refreshTokens.redeem(tx, request.token);
    if (check.kind === 'reused' && check.endedSessionId !== null) {
      await this.noteEnd(tx, request, check.userId, check.endedSessionId);
    }
    return check;
  }

  private async noteEnd(
    tx: TenantTx,
    request: RefreshRequest,
    userId: string,
    sessionId: string,
  ): Promise<void> {
    const user = await this.users.find(tx, userId);
    if (user !== null) await request.noteEnd(tx, user, sessionId);
  }

  private async inItsTenant<T>(
    request: RefreshRequest,
    work: (tx: TenantTx) => Promise<T | null>,
  ): Promise<T | null> {
    const tenantId = tenantOfRefreshToken(request.token);
    if (tenantId === null) return null;
    const context: TenantContext = { tenantId, actor: 'system:session', trace: request.trace };
    return await this.unitOfWork.run(context, async (tx) => {
      const tenant = await this.tenants.findById(tx, tenantId);
      if (tenant === null || !isUsable(tenant)) return null;
      if (await this.directory.namesAnother(tx, request.hints, tenant.name)) return null;
      return await work(tx);
    });
  }
}
