import ipaddr from 'ipaddr.js';

/** A host with an optional port, as wallets give it: no scheme, path or user. */
const CLIENT_DOMAIN =
  /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?::[0-9]{1,5})?$/;
const LENGTH_MAX = 255;
const PORT_MAX = 65_535;

export interface ClientDomainAddress {
  readonly host: string;
  /** Null: the port of the scheme. */
  readonly port: number | null;
}

/** Null when the text is not a host with an optional port. */
export function parseClientDomain(text: string): ClientDomainAddress | null {
  const domain = text.toLowerCase();
  if (domain.length > LENGTH_MAX || !CLIENT_DOMAIN.test(domain)) return null;
  const [host = '', port] = domain.split(':');
  if (port === undefined) return { host, port: null };
  const number = Number(port);
  return number >= 1 && number <= PORT_MAX ? { host, port: number } : null;
}

/**
 * Whether an address is one of the public internet. Everything else (loopback, private, link-local, shared, mapped and
 * tunnelled ranges) could be a machine of ours that a stranger must not reach through us.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  return ipaddr.process(address).range() === 'unicast';
}
