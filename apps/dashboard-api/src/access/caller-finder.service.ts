import { HttpProblem, traceOf } from '@libs/http';
import {
  type ApiKeyText,
  type AuditActor,
  auditing,
  AuditLogRepository,
  CallersRepository,
  grants,
  isAllowedAddress,
  type KeyCandidate,
  readApiKey,
} from '@libs/identity';
import type { TenantContext } from '@libs/persistence';
import { isUsable, TenantDirectory } from '@libs/tenants';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';

import { auditedRequestOf } from './audited-request';
import type { Caller } from './caller';
import { CallerLook } from './caller-look.service';
import { hintsOf } from './request-credentials';
import type { StaffRoute } from './route-access';

/** Finds out who calls, and refuses who may not call this route at all; roles are the guard's. */
@Injectable()
export class CallerFinder {
  constructor(
    private readonly look: CallerLook,
    private readonly callers: CallersRepository,
    private readonly directory: TenantDirectory,
    private readonly auditLog: AuditLogRepository,
  ) {}

  /** Of this request everything is asked again. */
  doubt(request: Request): void {
    this.look.doubt(request);
  }

  async bySession(request: Request, token: string, route: StaffRoute): Promise<Caller> {
    const subject = await this.look.subject(request, token);
    if (subject === null) throw new HttpProblem(401);
    const hints = hintsOf(request);
    const found = await this.look.session(request, subject);
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
    const candidate = key === null ? null : await this.candidateOf(request, key);
    const found = candidate?.caller ?? null;
    if (key === null || candidate === null || found?.user.isActive !== true) {
      throw new HttpProblem(401, { error: 'Invalid API key' });
    }
    const { tenant } = candidate;
    if (!isAllowedAddress(found.allowedIps, request.ip ?? '')) {
      throw new HttpProblem(403, { error: 'IP not allowed' });
    }
    if (route.person === true) throw new HttpProblem(403);
    if (!grants(found.permissions, route.permission)) {
      throw new HttpProblem(403, { error: 'Insufficient API key permissions' });
    }
    if (!found.wasNoted) await this.callers.noteUse(tenant.id, key.id);
    return {
      user: found.user,
      tenant,
      via: { kind: 'api_key', keyId: key.id },
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

  /** The tenant that the header or the host names, with the key, where that tenant has it. */
  private async candidateOf(request: Request, key: ApiKeyText): Promise<KeyCandidate | null> {
    const candidates = await this.look.keys(request, key);
    const tenant = this.directory.choose(hintsOf(request), {
      named: candidates.map((one) => one.tenant),
      only: candidates.find(({ isOnly }) => isOnly)?.tenant ?? null,
    });
    return candidates.find((one) => one.tenant.id === tenant?.id) ?? null;
  }
}
