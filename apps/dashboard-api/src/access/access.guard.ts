import { HttpProblem, nameTenantOf } from '@libs/http';
import { traceTenant } from '@libs/observability';
import { UnitOfWork } from '@libs/persistence';
import { TenantDirectory } from '@libs/tenants';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';

import { fieldOf } from '@libs/kernel';
import { type Caller, rememberCaller, rememberTenant } from './caller';
import { CallerFinder } from './caller-finder.service';
import { type Credential, credentialOf, hintsOf } from './request-credentials';
import { publicRouteOf, type StaffRoute, staffRouteOf } from './route-access';
import { StepUp } from './step-up.service';

/** Lets a request pass when the table of routes allows it: the only guard of the staff API. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly directory: TenantDirectory,
    private readonly callers: CallerFinder,
    private readonly stepUp: StepUp,
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
    await this.letIn(request, route);
    return true;
  }

  private async letIn(request: Request, route: StaffRoute): Promise<void> {
    const credential = credentialOf(request);
    // Such a route reads the refresh token itself, and answers 401 when there is none either.
    if (credential.kind === 'none' && route.byRefreshToken === true) return;
    const caller = await this.findCaller(request, credential, route);
    rememberCaller(request, caller, async () => {
      this.callers.doubt(request);
      return await this.findCaller(request, credential, route);
    });
    traceTenant(caller.tenant.id);
    nameTenantOf(request, caller.tenant.name);
  }

  private async findCaller(request: Request, credential: Credential, route: StaffRoute): Promise<Caller> {
    const caller =
      credential.kind === 'api_key'
        ? await this.callers.byApiKey(request, credential.text, route)
        : await this.callers.bySession(request, credential.kind === 'token' ? credential.text : '', route);
    if (!caller.user.roles.some((role) => route.roles.includes(role))) throw new HttpProblem(403);
    if (route.stepUp === true) await this.stepUp.assertFresh(caller);
    return caller;
  }

  private async findTenant(request: Request): Promise<void> {
    const tenant = await this.unitOfWork.runSystem('find the tenant that a request names', (tx) =>
      this.directory.resolve(tx, hintsOf(request)),
    );
    if (tenant === null) throw new HttpProblem(400, { error: 'Tenant not found in context' });
    rememberTenant(request, tenant);
    traceTenant(tenant.id);
    nameTenantOf(request, tenant.name);
  }
}
