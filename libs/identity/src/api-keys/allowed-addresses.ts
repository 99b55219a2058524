import ipaddr from 'ipaddr.js';
import { isIP } from 'node:net';

/** Of `::ffff:0:0/96`. */
const MAPPED_BITS = 96;

/**
 * `10.0.0.0/8`, `203.0.113.7`, `2001:db8::/32`; null for what is neither an address nor a network. `010.0.0.1` is none: some
 * read it as octal, and a list must not let in another address than the one that its reader sees.
 */
export function normalisedNetwork(text: string): string | null {
  const trimmed = text.trim();
  if (isIP(trimmed.split('/')[0] ?? '') === 0) return null;
  try {
    if (!trimmed.includes('/')) return ipaddr.isValid(trimmed) ? ipaddr.process(trimmed).toString() : null;
    const [address, bits] = ipaddr.parseCIDR(trimmed);
    // Nobody comes from a mapped address: it is taken for the IPv4 address that it stands for.
    const isMapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress();
    if (!isMapped) return `${address.toString()}/${String(bits)}`;
    return bits < MAPPED_BITS ? null : `${address.toIPv4Address().toString()}/${String(bits - MAPPED_BITS)}`;
  } catch {
    return null;
  }
}

/** Whether an address lies in one of the networks; with no networks every address does. */
export const isAllowedAddress = (networks: readonly string[], address: string): boolean =>
  networks.length === 0 || (ipaddr.isValid(address) && isWithin(networks, address));

/** Whether the whole of a network, or an address, lies in one of the others; with no others everything does. */
export function isWithin(others: readonly string[], network: string): boolean {
  if (others.length === 0) return true;
  const [first, bits] = rangeOf(network);
  return others.some((other) => {
    const [base, baseBits] = rangeOf(other);
    return base.kind() === first.kind() && baseBits <= bits && first.match(base, baseBits);
  });
}

function rangeOf(network: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (network.includes('/')) return ipaddr.parseCIDR(network);
  // An IPv4 address that came over an IPv6 socket is the IPv4 address.
  const address = ipaddr.process(network);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}
