import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const LENGTH_MAX = 255;

const isPublicName = (host: string): boolean =>
  host.includes('.') && !/\.(?:local|localhost|internal|lan|home|test|invalid)$/i.test(host);

function isPublicHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return isIP(bare) === 0 ? isPublicName(host) : ipaddr.process(bare).range() === 'unicast';
}

/**
 * Reads a wallet's SEP-10 client domain: a host name with or without a port, or a URL whose host counts. Null when it
 * is none, or when it leads into a private network and `allowPrivate` is off.
 */
export function readClientDomain(text: string, options: { readonly allowPrivate: boolean }): string | null {
  const given = text.trim();
  const address = given.includes('://') ? given : `https://${given}`;
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  // Letters beyond ASCII are kept as the DNS has them, which is longer than they were given.
  if (url.host.length > LENGTH_MAX) return null;
  if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return null;
  // A bare domain has no path; `example.org/x` is a mistake that a URL may carry.
  if (!given.includes('://') && (url.pathname !== '/' || url.search !== '' || url.hash !== '')) return null;
  const host = url.hostname;
  const isName = isIP(host.replace(/^\[|\]$/g, '')) === 0;
  if (isName && !host.split('.').every((label) => LABEL.test(label))) return null;
  return options.allowPrivate || isPublicHost(host) ? url.host : null;
}
