import ipaddr from 'ipaddr.js';
import { isIP } from 'node:net';

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
    return `${address.toString()}/${String(bits)}`;
  } catch {
    return null;
  }
}

/** Whether an address lies in one of the networks; with no networks every address does. */
export function isAllowedAddress(networks: readonly string[], address: string): boolean {
  if (networks.length === 0) return true;
  if (!ipaddr.isValid(address)) return false;
  // An IPv4 address that came over an IPv6 socket is the IPv4 address.
  const client = ipaddr.process(address);
  return networks.some((network) => {
    const [base, bits] = network.includes('/')
      ? ipaddr.parseCIDR(network)
      : [ipaddr.process(network), undefined];
    if (base.kind() !== client.kind()) return false;
    return client.match(base, bits ?? (base.kind() === 'ipv4' ? 32 : 128));
  });
}
