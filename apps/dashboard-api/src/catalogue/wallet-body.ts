import { PUBLIC_NETWORK_PASSPHRASE } from '@libs/config';
import { HttpProblem } from '@libs/http';

import { fieldOf, isWebAddress } from '@libs/kernel';
import { readClientDomain } from './client-domain';

export interface WalletRules {
  readonly networkPassphrase: string;
  readonly allowPrivateClientDomain: boolean;
}

export type AssetReference =
  | { readonly type: 'id'; readonly id: string }
  | { readonly type: 'asset'; readonly code: string; readonly issuer: string };

/** What a body says about a wallet; a field that it does not name is undefined. */
export interface WalletBody {
  readonly name?: string;
  readonly homepage?: string;
  readonly deepLinkSchema?: string;
  readonly sep10ClientDomain?: string;
  readonly enabled?: boolean;
  readonly assets?: readonly AssetReference[];
}

type Extras = Record<string, string>;

const NAME_LENGTH_MAX = 30;
const TEXT_LENGTH_MAX = 255;
const ASSETS_MAX = 100;

/** Reads the body of POST (`required`) or PATCH /wallets. Throws a 400 that names every bad field. */
export function readWalletBody(
  body: unknown,
  rules: WalletRules,
  options: { readonly required: boolean },
): WalletBody {
  const extras: Extras = {};
  const text = (field: string): string | undefined => {
    const value = fieldOf(body, field);
    if (value === undefined || value === null || value === '') {
      if (options.required) extras[field] = `${field} is required`;
      return undefined;
    }
    if (typeof value !== 'string' || value.trim() === '') extras[field] = `${field} is required`;
    else if (value.includes('\0')) extras[field] = `${field} must be a text`;
    else return value.trim();
    return undefined;
  };
  const checked = <T>(field: string, value: T | null | undefined, refusal: string): T | undefined => {
    if (value === null) extras[field] ??= refusal;
    return value ?? undefined;
  };
  const name = text('name');
  if (name !== undefined && [...name].length > NAME_LENGTH_MAX) {
    extras['name'] = `name cannot exceed ${String(NAME_LENGTH_MAX)} characters`;
  }
  const homepage = checked('homepage', homepageOf(text('homepage'), rules), 'invalid homepage URL provided');
  const deepLink = text('deep_link_schema');
  const deepLinkSchema = checked(
    'deep_link_schema',
    deepLink === undefined ? undefined : deepLinkOf(deepLink),
    'invalid deep link schema provided',
  );
  const domain = text('sep_10_client_domain');
  const sep10ClientDomain = checked(
    'sep_10_client_domain',
    domain === undefined
      ? undefined
      : readClientDomain(domain, { allowPrivate: rules.allowPrivateClientDomain }),
    'invalid SEP-10 client domain provided',
  );
  const enabled = fieldOf(body, 'enabled') ?? undefined;
  if (enabled !== undefined && typeof enabled !== 'boolean')
    extras['enabled'] = 'enabled must be true or false';
  const assets = readAssets(body, extras);
  if (Object.keys(extras).length > 0) throw new HttpProblem(400, { error: 'invalid request body', extras });
  return {
    ...(name === undefined ? {} : { name }),
    ...(homepage === undefined ? {} : { homepage }),
    ...(deepLinkSchema === undefined ? {} : { deepLinkSchema }),
    ...(sep10ClientDomain === undefined ? {} : { sep10ClientDomain }),
    ...(typeof enabled === 'boolean' ? { enabled } : {}),
    ...(assets === undefined ? {} : { assets }),
  };
}

function homepageOf(text: string | undefined, rules: WalletRules): string | null | undefined {
  if (text === undefined) return undefined;
  if (text.length > TEXT_LENGTH_MAX || !isWebAddress(text)) return null;
  const protocols = rules.networkPassphrase === PUBLIC_NETWORK_PASSPHRASE ? ['https:'] : ['https:', 'http:'];
  return protocols.includes(new URL(text).protocol) ? text : null;
}

/** A scheme and something behind it: `https://…`, `wallet://…`. */
function deepLinkOf(text: string): string | null {
  const isUri =
    text.length <= TEXT_LENGTH_MAX && /^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text) && URL.canParse(text);
  return isUri ? text : null;
}

function readAssets(body: unknown, extras: Extras): readonly AssetReference[] | undefined {
  const ids = fieldOf(body, 'assets_ids') ?? undefined;
  const references = fieldOf(body, 'assets') ?? undefined;
  if (ids !== undefined && references !== undefined) {
    extras['assets'] = "provide either 'assets_ids' or 'assets', not both";
    return undefined;
  }
  const list = ids ?? references;
  if (list === undefined) return undefined;
  const field = ids === undefined ? 'assets' : 'assets_ids';
  if (!Array.isArray(list) || list.length > ASSETS_MAX) {
    extras[field] = `${field} must be a list of at most ${String(ASSETS_MAX)} assets`;
    return undefined;
  }
  return list.flatMap((item: unknown, index) => {
    const read = ids === undefined ? referenceOf(item) : idReferenceOf(item);
    if (typeof read !== 'string') return [read];
    extras[`${field}[${String(index)}]`] = read;
    return [];
  });
}

const idReferenceOf = (item: unknown): AssetReference | string =>
  typeof item === 'string' ? { type: 'id', id: item } : 'invalid asset ID';

/** The reference, or what is wrong with it. */
function referenceOf(item: unknown): AssetReference | string {
  const [type, id, code, issuer] = ['type', 'id', 'code', 'issuer'].map((name) => fieldOf(item, name));
  if (typeof id === 'string' && id !== '') return { type: 'id', id };
  if (type === 'contract' || type === 'fiat') return 'assets are not implemented yet';
  if (type === 'native') return { type: 'asset', code: 'XLM', issuer: '' };
  if (type !== undefined && type !== 'classic') return 'invalid asset type';
  if (typeof code !== 'string' || code === '') return 'code is required';
  if (typeof issuer !== 'string' || issuer === '') return 'issuer is required';
  return { type: 'asset', code, issuer };
}
