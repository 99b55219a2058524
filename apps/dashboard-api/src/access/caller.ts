import type { StaffUser } from '@libs/identity';
import { invariant } from '@libs/kernel';
import type { TenantContext } from '@libs/persistence';
import type { Tenant } from '@libs/tenants';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/** The person behind a request, as the guard found them. */
export interface Caller {
  readonly user: StaffUser;
  readonly tenant: Tenant;
  readonly sessionId: string;
  readonly token: string;
  readonly tokenExpiresAtSeconds: number;
  /** For `UnitOfWork.run`: this tenant, this person, this trace. */
  readonly context: TenantContext;
}

const callers = new WeakMap<object, Caller>();
const tenants = new WeakMap<object, Tenant>();

export const rememberCaller = (request: object, caller: Caller): void => {
  callers.set(request, caller);
};

export const rememberTenant = (request: object, tenant: Tenant): void => {
  tenants.set(request, tenant);
};

/** The organisation that a request is for; null where none was looked for. */
export const tenantIdOf = (request: object): string | null =>
  (callers.get(request)?.tenant ?? tenants.get(request))?.id ?? null;

const requestOf = (context: ExecutionContext): object => context.switchToHttp().getRequest<object>();

/** `@CurrentCaller() caller: Caller` on a route of the staff table. */
export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const caller = callers.get(requestOf(context));
  invariant(caller !== undefined, 'this route is public: it has no caller');
  return caller;
});

/** `@CurrentTenant() tenant: Tenant` on a public route that needs one. */
export const CurrentTenant = createParamDecorator((_data: unknown, context: ExecutionContext): Tenant => {
  const tenant = tenants.get(requestOf(context));
  invariant(tenant !== undefined, 'this route does not ask for a tenant');
  return tenant;
});
