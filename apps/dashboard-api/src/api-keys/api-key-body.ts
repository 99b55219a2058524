import { END_OF_DAYS } from '@libs/http';
import { isPermission, normalisedNetwork, type Permission } from '@libs/identity';

const NAME_LENGTH_MAX = 128;
const NETWORKS_MAX = 100;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** What POST /api-keys asks for; only when `extras` is empty is it to be used. */
export interface ApiKeyOrder {
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly allowedIps: readonly string[];
  readonly expiresAt: Date | null;
}

/** Of anything that is no JSON object. */
export const INVALID_BODY = 'Invalid request body';

/** What is said of broken JSON on a path; null where it is none of the routes of keys. */
export const brokenKeyJsonText = (path: string): string | null =>
  path === '/api-keys' || path.startsWith('/api-keys/') ? INVALID_BODY : null;

type Extras = Record<string, string>;

export function readApiKeyOrder(
  body: object,
  now: Date,
): { readonly order: ApiKeyOrder; readonly extras: Readonly<Extras> } {
  const extras: Extras = {};
  const given = (field: string): unknown => Reflect.get(body, field) ?? undefined;
  const order: ApiKeyOrder = {
    name: nameOf(given('name'), extras),
    permissions: permissionsOf(given('permissions'), extras),
    allowedIps: networksOf(given('allowed_ips'), extras),
    expiresAt: expiryOf(given('expiry_date'), now, extras),
  };
  return { order, extras };
}

function nameOf(value: unknown, extras: Extras): string {
  const name = typeof value === 'string' ? value.replaceAll('\0', '').trim() : '';
  if (name === '') extras['name'] = 'name is required';
  else if ([...name].length > NAME_LENGTH_MAX) {
    extras['name'] = `name cannot exceed ${String(NAME_LENGTH_MAX)} characters`;
  }
  return name;
}

/** What was given, as far as it helps to find it again. */
const shown = (value: unknown): string =>
  (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, NAME_LENGTH_MAX);

/** The permissions of a list, each once. */
export function permissionsOf(value: unknown, extras: Extras): readonly Permission[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  if (list.length === 0) {
    extras['permissions'] = 'API key must have at least one permission assigned';
    return [];
  }
  const unknown = list.find((item) => !isPermission(item));
  if (unknown !== undefined) {
    extras['permissions'] = `invalid permission: ${shown(unknown)}`;
  }
  return [...new Set(list.filter(isPermission))];
}

/** One address or network, or a list of them; nothing means everywhere. */
export function networksOf(value: unknown, extras: Extras): readonly string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const networks: string[] = [];
  for (const item of list) {
    if (item === undefined || (item === '' && !Array.isArray(value))) continue;
    const network = typeof item === 'string' ? normalisedNetwork(item) : null;
    if (network === null) {
      extras['allowed_ips'] = `invalid IP address or CIDR: ${shown(item)}`;
      return [];
    }
    networks.push(network);
  }
  if (networks.length > NETWORKS_MAX) {
    extras['allowed_ips'] = `allowed_ips cannot have more than ${String(NETWORKS_MAX)} entries`;
  }
  return [...new Set(networks)];
}

function expiryOf(value: unknown, now: Date, extras: Extras): Date | null {
  if (value === undefined || value === '') return null;
  const time = typeof value === 'string' ? momentOf(value) : Number.NaN;
  if (Number.isNaN(time)) {
    extras['expiry_date'] = 'expiry date must be an RFC 3339 time, for example 2030-12-31T23:59:59Z';
    return null;
  }
  if (time <= now.getTime()) extras['expiry_date'] = 'expiry date must be in the future';
  return new Date(time);
}

/** In milliseconds since 1970; NaN for what is no RFC 3339 time of four-digit years, such as one on the 30th of February. */
function momentOf(text: string): number {
  const [day, moment] = [Date.parse(text.slice(0, 10)), Date.parse(text)];
  const isTime = RFC_3339.test(text) && !Number.isNaN(day) && !Number.isNaN(moment);
  // Date.parse accepts the 30th of February; writing it back shows the difference.
  const isDay = isTime && text.startsWith(new Date(day).toISOString().slice(0, 10));
  return isDay && moment < END_OF_DAYS ? moment : Number.NaN;
}
