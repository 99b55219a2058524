import { isSignedBy } from '../stellar/ledger-key';

/** What a registration link says. */
export interface Invitation {
  readonly link: string;
  readonly assetCode: string;
  readonly assetIssuer: string;
  /** Host and port of the organisation's SEP server. */
  readonly domain: string;
}

const LINK = /\bhttps?:\/\/[^\s"<>]+/;

export const linkIn = (body: string): string | undefined => LINK.exec(body)?.[0]?.replace(/[.,;]$/, '');

/** `asset` is `CODE-ISSUER`, or `native`. Throws when the link is no registration link. */
export function readInvitation(link: string): Invitation {
  const parameters = new URL(link).searchParams;
  const [assetCode = '', assetIssuer = ''] = (parameters.get('asset') ?? '').split('-');
  const domain = parameters.get('domain') ?? '';
  if (assetCode === '' || domain === '') throw new Error('the link is no registration link');
  return { link, assetCode, assetIssuer, domain: domain.replace(/^https?:\/\//, '').replace(/\/.*$/, '') };
}

/** The signature is over the link as it stands without its last parameter. */
export function isGenuine(link: string, signingKey: string): boolean {
  const match = /^(.*)[?&]signature=([0-9a-f]{128})$/s.exec(link);
  if (match?.[1] === undefined || match[2] === undefined) return false;
  return isSignedBy(signingKey, Buffer.from(match[1], 'utf8'), Buffer.from(match[2], 'hex'));
}
