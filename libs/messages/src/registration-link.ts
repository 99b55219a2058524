import { type Asset, isNative } from '@libs/kernel';

/** Returns the link with its parameters sorted and a `signature` by the SEP-10 key added. */
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
 * The link that opens a wallet and tells it where to register for which asset, still without its signature.
 *
 * The wallet checks the signature with SIGNING_KEY of the domain's stellar.toml.
 */
export function registrationLink(link: RegistrationLink): string {
  // Deep links have schemes of their own, which URL would rewrite: only what follows the `?` is touched.
  const [address = '', query = ''] = link.deepLink.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.delete('signature');
  parameters.set('asset', isNative(link.asset) ? 'native' : `${link.asset.code}-${link.asset.issuer}`);
  parameters.set('domain', new URL(link.baseUrl).host);
  parameters.set('name', link.organizationName);
  parameters.sort();
  return `${address}?${parameters.toString()}`;
}
