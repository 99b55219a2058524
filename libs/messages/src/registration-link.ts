import { type Asset, isNative } from '@libs/kernel';

/** Signs a link with the SEP-10 key and returns the signature in hexadecimal. */
export type LinkSigner = (link: string) => string;

export interface RegistrationLink {
  /** Where the wallet's app opens: its deep link, which may have parameters of its own. */
  readonly deepLink: string;
  readonly asset: Asset;
  /** The organisation's `base_url`: the wallet looks for stellar.toml at its host. */
  readonly baseUrl: string;
  readonly organizationName: string;
}

/**
 * The link that opens a wallet: parameters sorted by name, then the signature over everything before it.
 *
 * The wallet checks the signature with SIGNING_KEY of the domain's stellar.toml, after taking `signature` out.
 */
export function registrationLink(link: RegistrationLink, sign: LinkSigner): string {
  const [address = '', query = ''] = link.deepLink.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.delete('signature');
  parameters.set('asset', isNative(link.asset) ? 'native' : `${link.asset.code}-${link.asset.issuer}`);
  parameters.set('domain', new URL(link.baseUrl).host);
  parameters.set('name', link.organizationName);
  parameters.sort();
  const unsigned = `${address}?${parameters.toString()}`;
  return `${unsigned}&signature=${sign(unsigned)}`;
}

/** What a signature of a registration link is made over. Null: the link has none. */
export function unsignedLink(link: string): { readonly unsigned: string; readonly signature: string } | null {
  const found = /&signature=([0-9a-f]{128})(?=&|$)/.exec(link);
  const signature = found?.[1];
  if (found === null || signature === undefined) return null;
  const unsigned = link.slice(0, found.index) + link.slice(found.index + found[0].length);
  return { unsigned, signature };
}
