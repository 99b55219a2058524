import { type ApiKey, grants, isWithin } from '@libs/identity';

/** What one key gives another, or itself. */
export type GivenToKey = Pick<ApiKey, 'permissions' | 'allowedIps' | 'expiresAt'>;

/** What a key would give that it does not have itself, by field: permissions, addresses beside its own, a life after its own. */
export function beyondKey(own: ApiKey, given: GivenToKey): Readonly<Record<string, string>> {
  const wider = given.permissions.find((permission) => !grants(own.permissions, permission));
  const addresses = addressesBeyond(own.allowedIps, given.allowedIps);
  return {
    ...(wider === undefined
      ? {}
      : { permissions: `an API key cannot give ${wider}, which it does not have itself` }),
    ...(addresses === null ? {} : { allowed_ips: addresses }),
    ...(outlives(own.expiresAt, given.expiresAt)
      ? { expiry_date: 'an API key cannot let another live longer than itself' }
      : {}),
  };
}

function addressesBeyond(own: readonly string[], given: readonly string[]): string | null {
  if (own.length === 0) return null;
  if (given.length === 0) return 'an API key that has allowed_ips cannot give every address';
  const beyond = given.find((network) => !isWithin(own, network));
  return beyond === undefined
    ? null
    : `an API key cannot give ${beyond}, which is not within its own allowed_ips`;
}

const outlives = (own: Date | null, given: Date | null): boolean =>
  own !== null && (given === null || given > own);
