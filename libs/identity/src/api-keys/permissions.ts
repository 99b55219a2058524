export const PERMISSIONS = [
  'read:all',
  'write:all',
  'read:disbursements',
  'write:disbursements',
  'read:receivers',
  'write:receivers',
  'read:payments',
  'write:payments',
  'read:organization',
  'write:organization',
  'read:users',
  'write:users',
  'read:wallets',
  'write:wallets',
  'read:statistics',
  'read:exports',
] as const;
/** What an API key may be given. */
export type Permission = (typeof PERMISSIONS)[number];

export const isPermission = (value: unknown): value is Permission =>
  PERMISSIONS.some((permission) => permission === value);

/** `read:all` stands for every `read:…`, `write:all` for every `write:…`; writing does not bring reading with it. */
export const grants = (held: readonly Permission[], wanted: Permission): boolean =>
  held.includes(wanted) || held.includes(wanted.startsWith('read:') ? 'read:all' : 'write:all');
