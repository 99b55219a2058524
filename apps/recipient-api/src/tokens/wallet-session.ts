import { HttpProblem } from '@libs/http';
import type { Tenant } from '@libs/tenants';
import type { Request } from 'express';

import type { RequestTenant } from '../tenancy/request-tenant.service';
import type { TokenKind, WalletSession, WalletTokens } from './wallet-tokens';

/** A request of a wallet that proved itself, and the organisation that its token is for. */
export interface SignedInRequest {
  readonly session: WalletSession;
  readonly tenant: Tenant;
}

export interface SessionReaders {
  readonly tokens: WalletTokens;
  readonly tenants: RequestTenant;
}

/** `Bearer x` → `x`; null without a header. */
export function bearerOf(request: Request): string | null {
  const header = request.headers.authorization;
  if (header === undefined) return null;
  return /^Bearer\s+(\S+)$/i.exec(header)?.[1] ?? '';
}

/** Null when the token is none of this kind, or its organisation may not be used here. */
export async function signedIn(
  readers: SessionReaders,
  request: Request,
  token: { readonly kind: TokenKind; readonly text: string },
): Promise<SignedInRequest | null> {
  const session = await readers.tokens.read(token.kind, token.text);
  if (session === null) return null;
  const tenant = await readers.tenants.ofToken(request, session.tenantId);
  return tenant === null ? null : { session, tenant };
}

/** The wallet behind a SEP-24 request; 401 in the words that wallets know. */
export async function walletOf(readers: SessionReaders, request: Request): Promise<SignedInRequest> {
  const text = bearerOf(request);
  if (text === null) throw new HttpProblem(401, { error: 'Missing authorization header' });
  const found = await signedIn(readers, request, { kind: 'sep10', text });
  if (found === null) throw new HttpProblem(401, { error: 'Invalid token' });
  return found;
}

/** The registration that a request belongs to; 401 with the code that the registration page knows. */
export async function registrationOf(readers: SessionReaders, request: Request): Promise<SignedInRequest> {
  const found = await signedIn(readers, request, { kind: 'sep24', text: bearerOf(request) ?? '' });
  if (found === null) throw new HttpProblem(401, { error_code: '401_0' });
  return found;
}
