import { createHash } from 'node:crypto';

import ipaddr from 'ipaddr.js';

import type { LoginSubject } from './login-failures.repository';
import { normalisedEmail } from './staff-user';

/** Where a request came from: failures are counted per account and per address, places are remembered. */
export interface RequestOrigin {
  readonly address: string;
  readonly userAgent: string;
  /** The header `Device-ID`; null when there is none. */
  readonly deviceId: string | null;
}

/** What one connection is given of IPv6: whoever fails in it has countless other addresses at hand. */
const CONNECTION_BITS = 64;

const digestOf = (text: string): Uint8Array => createHash('sha256').update(text).digest();

export const accountOf = (email: string): LoginSubject => ({
  kind: 'account',
  hash: digestOf(`account ${normalisedEmail(email)}`),
});

export const addressOf = (origin: RequestOrigin): LoginSubject => ({
  kind: 'address',
  hash: digestOf(`address ${connectionOf(origin.address)}`),
});

/** The device first: whoever sits behind the same address then cannot make it wait. */
export const placesOf = (origin: RequestOrigin): Uint8Array[] => [
  ...(origin.deviceId === null ? [] : [digestOf(`device ${origin.deviceId}`)]),
  digestOf(`address ${connectionOf(origin.address)}`),
];

export const placeOf = (email: string, place: Uint8Array): LoginSubject => ({
  kind: 'place',
  hash: digestOf(`place ${normalisedEmail(email)} ${Buffer.from(place).toString('hex')}`),
});

/** The sign-ins of an account, or of one of its known places, that have shown no second factor yet. */
export const waitingFor = (subject: LoginSubject): LoginSubject => ({
  kind: 'waiting',
  hash: digestOf(`waiting ${Buffer.from(subject.hash).toString('hex')}`),
});

/** An IPv4 address as it is, of an IPv6 address the network of its connection. */
function connectionOf(address: string): string {
  if (!ipaddr.isValid(address) || ipaddr.process(address).kind() === 'ipv4') return address;
  return ipaddr.IPv6.networkAddressFromCIDR(`${address}/${String(CONNECTION_BITS)}`).toString();
}
