import { HttpProblem, traceOf } from '@libs/http';
import {
  type AuditActor,
  auditing,
  AuditLogRepository,
  CallersRepository,
  grants,
  isAllowedAddress,
  readApiKey,
  StaffTokens,
} from '@libs/identity';
import { type TenantContext, UnitOfWork } from '@libs/persistence';
import { isUsable, type Tenant, TenantDirectory } from '@libs/tenants';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';

import { auditedRequestOf } from './audited-request';
import type { Caller } from './caller';
import { hintsOf } from './request-credentials';
import type { StaffRoute } from './route-access';

/** Finds out who calls, and refuses who may not call this route at all; roles are the guard's. */
@Injectable()
export class CallerFinder {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly tokens: StaffTokens,
    private readonly callers: CallersRepository,
    private readonly directory: TenantDirectory,
    private readonly auditLog: AuditLogRepository,
  ) {}

  async bySession(request: Request, token: string, route: StaffRoute): Promise<Caller> {
    const subject = await this.tokens.read(token);
    if (subject === null) throw new HttpProblem(401);
    const hints = hintsOf(request);
    const found = await this.callers.ofSession(subject, this.directory.namesIn(hints));
    if (found === null || !isUsable(found.tenant)) throw new HttpProblem(401);
    if (this.directory.contradicts(hints, found.tenant.name, found.knownNames)) throw new HttpProblem(401);
    if (found.mustEnrol && route.whileEnrolling !== true) {
      throw new HttpProblem(403, {
        error: 'Set up an authenticator app or a passkey first.',
        error_code: 'second_factor_enrolment_required',
      });
    }
    return {
      user: found.user,
      tenant: found.tenant,
      via: {
        kind: 'session',
        sessionId: subject.sessionId,
        token,
        tokenExpiresAtSeconds: subject.expiresAtSeconds,
        provenAt: found.provenAt,
      },
      context: this.contextOf(request, route, {
        tenantId: subject.tenantId,
        userId: subject.userId,
        actor: { type: 'user', id: found.user.id, name: found.user.email },
      }),
    };
  }

  /** The tenant of a key is the one that the header or the host names. */
  async byApiKey(request: Request, text: string, route: StaffRoute): Promise<Caller> {
    const key = readApiKey(text);
    const tenant = key === null ? null : await this.tenantOf(request);
    const found = key === null || tenant === null ? null : await this.callers.ofApiKey(tenant.id, key);
    if (key === null || tenant === null || found?.user.isActive !== true) {
      throw new HttpProblem(401, { error: 'Invalid API key' });
    }
    if (!isAllowedAddress(found.allowedIps, request.ip ?? '')) {
      throw new HttpProblem(403, { error: 'IP not allowed' });
    }
    if (route.person === true) throw new HttpProblem(403);
    if (!grants(found.permissions, route.permission)) {
      throw new HttpProblem(403, { error: 'Insufficient API key permissions' });
    }
    await this.callers.noteUse(tenant.id, key.id);
    return {
      user: found.user,
      tenant,
      via: { kind: 'api_key', keyId: key.id, permissions: found.permissions },
      // A key acts for who made it, so histories and the rule of the second person name them; the audit log names the key.
      context: this.contextOf(request, route, {
        tenantId: tenant.id,
        userId: found.user.id,
        actor: { type: 'api_key', id: key.id, name: found.user.email },
      }),
    };
  }

  /** Whatever the request changes is in the audit log, in the same database transaction. */
  private contextOf(
    request: Request,
    route: StaffRoute,
    who: { readonly tenantId: string; readonly userId: string; readonly actor: AuditActor },
  ): TenantContext {
    const context = { tenantId: who.tenantId, actor: `user:${who.userId}`, trace: traceOf(request) };
    if (route.method === 'GET' && route.audited !== true) return context;
    if (route.audited === false) return context;
    const audited = auditedRequestOf(request, route, who.actor);
    return {
      ...context,
      beforeCommit: auditing(this.auditLog, audited, { evenReads: route.audited === true }),
    };
  }

  private async tenantOf(request: Request): Promise<Tenant | null> {
    return await this.unitOfWork.runSystem('find the tenant that a request names', (tx) =>
      this.directory.resolve(tx, hintsOf(request)),
    );
  }
}
