import type { Role } from '@libs/contracts';
import type { Permission } from '@libs/identity';

export interface StaffRoute {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** As the controller declares it. */
  readonly path: string;
  readonly permission: Permission;
  readonly roles: readonly Role[];
  /** Only for somebody who signed in: an API key is refused whatever it may do. */
  readonly person?: true;
  /** Also for somebody whose token has ended and who brings the refresh token of the session. */
  readonly byRefreshToken?: true;
  /** Also for somebody who still has to set up a second factor. */
  readonly whileEnrolling?: true;
  /** Only a short while after a second factor was shown, where sign-in asks for one. */
  readonly stepUp?: true;
  /**
   * What is left out: reads leave no trace in the audit log, everything else does once it writes. True: also this read
   * does (an export takes data out). False: this never does (it changes nothing that anybody would ask about).
   */
  readonly audited?: boolean;
}

export interface PublicRoute {
  readonly method: StaffRoute['method'];
  readonly path: string;
  /** Whether the request must name a tenant. */
  readonly tenant: 'required' | 'none';
}

const ALL: readonly Role[] = [
  'owner',
  'financial_controller',
  'developer',
  'business',
  'initiator',
  'approver',
];
const BUSINESS: readonly Role[] = ALL.filter((role) => role !== 'developer');
const CONTROLLERS: readonly Role[] = ['owner', 'financial_controller'];
const CREATORS: readonly Role[] = [...CONTROLLERS, 'initiator'];
const PEOPLE_KEEPERS: readonly Role[] = [...CONTROLLERS, 'approver', 'initiator'];
const EXPORTERS = PEOPLE_KEEPERS;
/** Who may let money go, and whose approval counts. */
export const STARTERS: readonly Role[] = [...CONTROLLERS, 'approver'];

/**
 * Who may call what: the only place where it is written. A route that is not here does not start (a guard without a
 * row would be a guard that guesses), and the tests go through these rows one by one.
 */
// prettier-ignore
export const STAFF_ROUTES: readonly StaffRoute[] = [
  { method: 'POST',   path: '/refresh-token',                permission: 'read:all',            roles: ALL, person: true, byRefreshToken: true, whileEnrolling: true, audited: false },
  { method: 'POST',   path: '/logout',                       permission: 'write:all',           roles: ALL, person: true, byRefreshToken: true, whileEnrolling: true },
  { method: 'GET',    path: '/sessions',                     permission: 'read:all',            roles: ALL, person: true },
  { method: 'DELETE', path: '/sessions',                     permission: 'write:all',           roles: ALL, person: true },
  { method: 'DELETE', path: '/sessions/:id',                 permission: 'write:all',           roles: ALL, person: true },
  { method: 'GET',    path: '/api-keys',                     permission: 'write:all',           roles: ['owner', 'developer'] },
  { method: 'POST',   path: '/api-keys',                     permission: 'write:all',           roles: ['owner', 'developer'], stepUp: true },
  { method: 'GET',    path: '/api-keys/:id',                 permission: 'write:all',           roles: ['owner', 'developer'] },
  { method: 'PATCH',  path: '/api-keys/:id',                 permission: 'write:all',           roles: ['owner', 'developer'], stepUp: true },
  { method: 'DELETE', path: '/api-keys/:id',                 permission: 'write:all',           roles: ['owner', 'developer'], stepUp: true },
  { method: 'GET',    path: '/audit',                        permission: 'read:all',            roles: ['owner'] },
  { method: 'GET',    path: '/exports/disbursements',        permission: 'read:exports',        roles: EXPORTERS, audited: true },
  { method: 'GET',    path: '/exports/payments',             permission: 'read:exports',        roles: EXPORTERS, audited: true },
  { method: 'GET',    path: '/exports/receivers',            permission: 'read:exports',        roles: EXPORTERS, audited: true },
  { method: 'GET',    path: '/exports/audit',                permission: 'read:exports',        roles: ['owner'], audited: true },
  { method: 'GET',    path: '/users',                        permission: 'read:users',          roles: ['owner'], person: true },
  { method: 'GET',    path: '/users/roles',                  permission: 'read:users',          roles: ['owner'] },
  { method: 'POST',   path: '/users',                        permission: 'write:users',         roles: ['owner'], person: true, stepUp: true },
  { method: 'PATCH',  path: '/users/roles',                  permission: 'write:users',         roles: ['owner'], person: true, stepUp: true },
  { method: 'PATCH',  path: '/users/activation',             permission: 'write:users',         roles: ['owner'], person: true, stepUp: true },
  { method: 'PATCH',  path: '/profile',                      permission: 'write:all',           roles: ALL, person: true },
  { method: 'PATCH',  path: '/profile/reset-password',       permission: 'write:all',           roles: ALL, person: true, stepUp: true },
  { method: 'GET',    path: '/profile/second-factors',       permission: 'read:all',            roles: ALL, person: true, whileEnrolling: true },
  { method: 'POST',   path: '/profile/totp',                 permission: 'write:all',           roles: ALL, person: true, whileEnrolling: true, stepUp: true },
  { method: 'POST',   path: '/profile/totp/confirm',         permission: 'write:all',           roles: ALL, person: true, whileEnrolling: true, stepUp: true },
  { method: 'DELETE', path: '/profile/totp',                 permission: 'write:all',           roles: ALL, person: true, stepUp: true },
  { method: 'POST',   path: '/profile/passkeys/options',     permission: 'write:all',           roles: ALL, person: true, whileEnrolling: true, stepUp: true, audited: false },
  { method: 'POST',   path: '/profile/passkeys',             permission: 'write:all',           roles: ALL, person: true, whileEnrolling: true, stepUp: true },
  { method: 'DELETE', path: '/profile/passkeys/:id',         permission: 'write:all',           roles: ALL, person: true, stepUp: true },
  { method: 'POST',   path: '/profile/recovery-codes',       permission: 'write:all',           roles: ALL, person: true, stepUp: true },
  { method: 'DELETE', path: '/profile/devices',              permission: 'write:all',           roles: ALL, person: true },
  { method: 'DELETE', path: '/profile/devices/:id',          permission: 'write:all',           roles: ALL, person: true },
  { method: 'POST',   path: '/step-up/options',              permission: 'write:all',           roles: ALL, person: true, whileEnrolling: true, audited: false },
  { method: 'POST',   path: '/step-up',                      permission: 'write:all',           roles: ALL, person: true, whileEnrolling: true },
  { method: 'GET',    path: '/profile',                      permission: 'read:all',            roles: ALL, person: true, whileEnrolling: true },
  { method: 'GET',    path: '/organization',                 permission: 'read:organization',   roles: ALL },
  { method: 'PATCH',  path: '/organization',                 permission: 'write:organization',  roles: CONTROLLERS },
  { method: 'GET',    path: '/balances',                     permission: 'read:all',            roles: ALL },
  { method: 'GET',    path: '/assets',                       permission: 'read:all',            roles: ALL },
  { method: 'POST',   path: '/assets',                       permission: 'write:all',           roles: ['owner', 'financial_controller', 'developer'] },
  { method: 'DELETE', path: '/assets/:id',                   permission: 'write:all',           roles: ['owner', 'financial_controller', 'developer'] },
  { method: 'GET',    path: '/wallets',                      permission: 'read:wallets',        roles: ALL },
  { method: 'POST',   path: '/wallets',                      permission: 'write:wallets',       roles: ['owner', 'developer'] },
  { method: 'PATCH',  path: '/wallets/:id',                  permission: 'write:wallets',       roles: ['owner', 'developer'] },
  { method: 'DELETE', path: '/wallets/:id',                  permission: 'write:wallets',       roles: ['owner', 'developer'] },
  { method: 'GET',    path: '/registration-contact-types',   permission: 'read:all',            roles: ALL },
  { method: 'GET',    path: '/registration-contact-types/:type/template', permission: 'read:all', roles: ALL },
  { method: 'GET',    path: '/receivers/verification-types', permission: 'read:receivers',      roles: ALL },
  { method: 'GET',    path: '/receivers',                    permission: 'read:receivers',      roles: BUSINESS },
  { method: 'GET',    path: '/receivers/:id',                permission: 'read:receivers',      roles: BUSINESS },
  { method: 'POST',   path: '/receivers',                    permission: 'write:receivers',     roles: PEOPLE_KEEPERS },
  { method: 'PATCH',  path: '/receivers/wallets/:id',        permission: 'write:receivers',     roles: PEOPLE_KEEPERS },
  { method: 'PATCH',  path: '/receivers/wallets/:id/status', permission: 'write:receivers',     roles: PEOPLE_KEEPERS },
  { method: 'PATCH',  path: '/receivers/:receiver_id/wallets/:id', permission: 'write:receivers', roles: PEOPLE_KEEPERS },
  { method: 'PATCH',  path: '/receivers/:id',                permission: 'write:receivers',     roles: PEOPLE_KEEPERS },
  { method: 'GET',    path: '/disbursements',                permission: 'read:disbursements',  roles: BUSINESS },
  { method: 'POST',   path: '/disbursements',                permission: 'write:disbursements', roles: CREATORS },
  { method: 'GET',    path: '/disbursements/:id',            permission: 'read:disbursements',  roles: BUSINESS },
  { method: 'DELETE', path: '/disbursements/:id',            permission: 'write:disbursements', roles: CREATORS },
  { method: 'GET',    path: '/disbursements/:id/review',     permission: 'read:disbursements',  roles: BUSINESS },
  { method: 'GET',    path: '/disbursements/:id/receivers',  permission: 'read:disbursements',  roles: BUSINESS },
  { method: 'GET',    path: '/disbursements/:id/instructions', permission: 'read:disbursements', roles: BUSINESS },
  { method: 'POST',   path: '/disbursements/:id/instructions', permission: 'write:disbursements', roles: CREATORS },
  { method: 'GET',    path: '/disbursements/:id/upload',     permission: 'read:disbursements',  roles: BUSINESS },
  { method: 'GET',    path: '/disbursements/:id/upload/errors', permission: 'read:disbursements', roles: BUSINESS },
  { method: 'GET',    path: '/disbursements/:id/upload/events', permission: 'read:disbursements', roles: BUSINESS },
  { method: 'PATCH',  path: '/disbursements/:id/status',     permission: 'write:disbursements', roles: STARTERS },
  { method: 'GET',    path: '/payments',                     permission: 'read:payments',       roles: BUSINESS },
  { method: 'POST',   path: '/payments',                     permission: 'write:payments',      roles: CONTROLLERS },
  { method: 'POST',   path: '/payments/:id/approval',        permission: 'write:payments',      roles: STARTERS },
  { method: 'PATCH',  path: '/payments/retry',               permission: 'write:payments',      roles: CONTROLLERS },
  { method: 'GET',    path: '/payments/:id',                 permission: 'read:payments',       roles: BUSINESS },
  { method: 'PATCH',  path: '/payments/:id/status',          permission: 'write:payments',      roles: CONTROLLERS },
  { method: 'GET',    path: '/statistics',                   permission: 'read:statistics',     roles: ALL },
  { method: 'GET',    path: '/statistics/:id',               permission: 'read:statistics',     roles: ALL },
];

/** What may be called without a token. */
// prettier-ignore
export const PUBLIC_ROUTES: readonly PublicRoute[] = [
  { method: 'GET',  path: '/health',            tenant: 'none' },
  { method: 'GET',  path: '/ready',             tenant: 'none' },
  { method: 'GET',  path: '/openapi.json',      tenant: 'none' },
  { method: 'GET',  path: '/docs',              tenant: 'none' },
  { method: 'GET',  path: '/docs/:asset',       tenant: 'none' },
  { method: 'GET',  path: '/app-config',        tenant: 'required' },
  { method: 'GET',  path: '/organization/logo', tenant: 'required' },
  { method: 'POST', path: '/login',             tenant: 'required' },
  { method: 'POST', path: '/mfa',               tenant: 'required' },
  { method: 'POST', path: '/mfa/email',         tenant: 'required' },
  { method: 'POST', path: '/mfa/passkey-options', tenant: 'required' },
  { method: 'POST', path: '/forgot-password',   tenant: 'required' },
  { method: 'POST', path: '/reset-password',    tenant: 'required' },
];

export function staffRouteOf(method: string, path: string): StaffRoute | null {
  return STAFF_ROUTES.find((route) => route.method === method && route.path === path) ?? null;
}

export function publicRouteOf(method: string, path: string): PublicRoute | null {
  return PUBLIC_ROUTES.find((route) => route.method === method && route.path === path) ?? null;
}
