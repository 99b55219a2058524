import type { StaffUser } from '@libs/identity';
import { invariant } from '@libs/kernel';
import type { TenantContext } from '@libs/persistence';
import type { Tenant } from '@libs/tenants';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/** Somebody who signed in. */
export interface BySession {
  readonly kind: 'session';
  readonly sessionId: string;
  readonly token: string;
  readonly tokenExpiresAtSeconds: number;
  /** When the second factor was last shown in the session; null for never. */
  readonly provenAt: Date | null;
}

/** A program with a key that the user made. */
export interface ByApiKey {
  readonly kind: 'api_key';
  readonly keyId: string;
}

/** Who is behind a request, as the guard found them. */
export interface Caller {
  /** The person; for an API key, who made it: it acts for them, and is refused what they may not do. */
  readonly user: StaffUser;
  readonly tenant: Tenant;
  readonly via: BySession | ByApiKey;
  /** For `UnitOfWork.run`: this tenant, this person, this trace. */
  readonly context: TenantContext;
}

/** Whose Idempotency-Keys the caller uses: each API key has its own, as two programs of one person know nothing of each other. */
export const idempotencyOwnerOf = ({ via, context }: Caller): string =>
  via.kind === 'api_key' ? `api_key:${via.keyId}` : context.actor;

const callers = new WeakMap<object, Caller>();
const looks = new WeakMap<object, () => Promise<Caller>>();
const tenants = new WeakMap<object, Tenant>();

/** `look` finds out who calls as the guard did, and refuses what the guard would refuse by now. */
export const rememberCaller = (request: object, caller: Caller, look: () => Promise<Caller>): void => {
  callers.set(request, caller);
  looks.set(request, look);
  looks.set(caller, look);
};

/**
 * Who calls, asked again where the guard was long ago: the body of a form may take minutes to come, a stream may be listened to for
 * half an hour, a ledger may be slow to answer, and a right that was taken away meanwhile is gone. Throws what the guard would. Asked
 * by the request, or by the caller that the guard found for it.
 */
export async function callerNow(since: Request | Caller): Promise<Caller> {
  const look = looks.get(since);
  invariant(look !== undefined, 'this route is public: it has no caller');
  return await look();
}

export const rememberTenant = (request: object, tenant: Tenant): void => {
  tenants.set(request, tenant);
};

const requestOf = (context: ExecutionContext): object => context.switchToHttp().getRequest<object>();

/** `@CurrentCaller() caller: Caller` on a route of the staff table. */
export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const caller = callers.get(requestOf(context));
  invariant(caller !== undefined, 'this route is public: it has no caller');
  return caller;
});

/** The session of a caller, on a route that is only for people. */
export function sessionOf(caller: Caller): BySession {
  invariant(caller.via.kind === 'session', 'this route is only for people: its row must say so');
  return caller.via;
}

/** On a route that also takes a refresh token instead of a token: null when there was none. */
export const PresentCaller = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Caller | null => callers.get(requestOf(context)) ?? null,
);

/** `@CurrentTenant() tenant: Tenant` on a public route that needs one. */
export const CurrentTenant = createParamDecorator((_data: unknown, context: ExecutionContext): Tenant => {
  const tenant = tenants.get(requestOf(context));
  invariant(tenant !== undefined, 'this route does not ask for a tenant');
  return tenant;
});
