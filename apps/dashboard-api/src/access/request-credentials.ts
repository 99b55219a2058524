import { API_KEY_PREFIX } from '@libs/identity';
import type { TenantHints } from '@libs/tenants';
import type { Request } from 'express';

/** What a request brings in `Authorization`. */
export type Credential =
  { readonly kind: 'none' | 'malformed' } | { readonly kind: 'token' | 'api_key'; readonly text: string };

/** What a request says about the tenant it is for. */
export const hintsOf = (request: Request): TenantHints => {
  const header = request.headers['sdp-tenant-name'];
  return {
    header: typeof header === 'string' && header.trim() !== '' ? header.trim() : null,
    host: request.hostname,
  };
};

/** The second word of `Authorization`, whatever the first one is; an API key may also stand alone. */
export function credentialOf(request: Request): Credential {
  const header = request.headers.authorization ?? '';
  if (header === '') return { kind: 'none' };
  const words = header.split(' ');
  const [first = '', second = ''] = words;
  if (words.length === 1 && first.startsWith(API_KEY_PREFIX)) return { kind: 'api_key', text: first };
  if (words.length !== 2 || second === '') return { kind: 'malformed' };
  return { kind: second.startsWith(API_KEY_PREFIX) ? 'api_key' : 'token', text: second };
}
