import { HttpProblem, nameTenantOf, traceOf } from '@libs/http';
import { SessionsRepository, StaffTokens, type StaffTokenSubject } from '@libs/identity';
import { UnitOfWork } from '@libs/persistence';
import { isUsable, TenantDirectory, type TenantHints, TenantsRepository } from '@libs/tenants';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';

import { type Caller, rememberCaller, rememberTenant } from './caller';
import { publicRouteOf, staffRouteOf } from './route-access';

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

const hintsOf = (request: Request): TenantHints => {
  const header = request.headers['sdp-tenant-name'];
  return {
    header: typeof header === 'string' && header.trim() !== '' ? header.trim() : null,
    host: request.hostname,
  };
};

/** The second word of `Authorization`; the first is not looked at, and there must be exactly two. */
const tokenOf = (request: Request): string | null => {
  const words = (request.headers.authorization ?? '').split(' ');
  return words.length === 2 && words[1] !== undefined && words[1] !== '' ? words[1] : null;
};

/** Lets a request pass when the table of routes allows it: the only guard of the staff API. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly tokens: StaffTokens,
    private readonly sessions: SessionsRepository,
    private readonly tenants: TenantsRepository,
    private readonly directory: TenantDirectory,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const path = fieldOf(fieldOf(request, 'route'), 'path');
    // Express answers HEAD by the GET route.
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const publicRoute = typeof path === 'string' ? publicRouteOf(method, path) : null;
    if (publicRoute !== null) {
      if (publicRoute.tenant === 'required') await this.findTenant(request);
      return true;
    }
    const route = typeof path === 'string' ? staffRouteOf(method, path) : null;
    if (route === null) throw new HttpProblem(403);
    const caller = await this.findCaller(request);
    if (!caller.user.roles.some((role) => route.roles.includes(role))) throw new HttpProblem(403);
    rememberCaller(request, caller);
    nameTenantOf(request, caller.tenant.name);
    return true;
  }

  private async findTenant(request: Request): Promise<void> {
    const tenant = await this.unitOfWork.runSystem('find the tenant that a request names', (tx) =>
      this.directory.resolve(tx, hintsOf(request)),
    );
    if (tenant === null) throw new HttpProblem(400, { error: 'Tenant not found in context' });
    rememberTenant(request, tenant);
    nameTenantOf(request, tenant.name);
  }

  private async findCaller(request: Request): Promise<Caller> {
    const token = tokenOf(request);
    const subject = token === null ? null : await this.tokens.read(token);
    if (token === null || subject === null) throw new HttpProblem(401);
    const caller = await this.lookUp(request, token, subject);
    if (caller === null) throw new HttpProblem(401);
    return caller;
  }

  /** Read anew on every request, so that a person who was switched off or lost a role is refused at once. */
  private async lookUp(request: Request, token: string, subject: StaffTokenSubject): Promise<Caller | null> {
    const context = {
      tenantId: subject.tenantId,
      actor: `user:${subject.userId}`,
      trace: traceOf(request),
    };
    return await this.unitOfWork.run(context, async (tx) => {
      const user = await this.sessions.userOf(tx, subject.sessionId, subject.userId);
      const tenant = await this.tenants.findById(tx, subject.tenantId);
      if (user === null || tenant === null || !isUsable(tenant)) return null;
      if (await this.directory.namesAnother(tx, hintsOf(request), tenant.name)) return null;
      return {
        user,
        tenant,
        sessionId: subject.sessionId,
        token,
        tokenExpiresAtSeconds: subject.expiresAtSeconds,
        context,
      };
    });
  }
}
