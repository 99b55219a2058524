import { type LedgerKey, publicKeyOf } from '@libs/ledger';

import { isSignatureOf, privateKeyOf, publicKeyFromBytes, signBytes } from './ed25519';

const SIGNATURE = 'signature';

/**
 * The link with its parameters sorted and a `signature` added: hex of the ed25519 signature over the whole link
 * without it. Wallets check it with the SIGNING_KEY of our stellar.toml.
 */
export function signLink(link: string, key: LedgerKey): string {
  const unsigned = canonical(link);
  const signature = signBytes(Buffer.from(unsigned, 'utf8'), privateKeyOf(key.seed));
  return `${unsigned}${unsigned.includes('?') ? '&' : '?'}${SIGNATURE}=${Buffer.from(signature).toString('hex')}`;
}

/** Whether the link was signed by this account's key and not changed since. */
export function isLinkSignedBy(link: string, account: string): boolean {
  const key = publicKeyOf(account);
  const match = /^(.*)[?&]signature=([0-9a-f]{128})$/s.exec(link);
  if (key === null || match?.[1] === undefined || match[2] === undefined) return false;
  const data = Buffer.from(match[1], 'utf8');
  return isSignatureOf(data, Buffer.from(match[2], 'hex'), publicKeyFromBytes(key));
}

/** Wallets' links have schemes of their own, which URL would rewrite; only what follows the `?` is put in order. */
function canonical(link: string): string {
  const start = link.indexOf('?');
  if (start < 0) return link;
  const parameters = new URLSearchParams(link.slice(start + 1));
  parameters.delete(SIGNATURE);
  parameters.sort();
  const query = parameters.toString();
  return query === '' ? link.slice(0, start) : `${link.slice(0, start)}?${query}`;
}
