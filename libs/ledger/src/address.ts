/**
 * Addresses of the Stellar network: base32 of a version byte, a payload and a CRC16 (SEP-23), checked here without
 * any library so that an upload of a million rows can afford it.
 */
export type AddressKind = 'account' | 'contract' | 'muxed';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const NO_LETTER = 255;
/** The value of each ASCII letter; an upload looks up a million times 56 of them. */
const VALUES = new Uint8Array(128).fill(NO_LETTER);
for (const [value, letter] of [...ALPHABET].entries()) VALUES[letter.charCodeAt(0)] = value;

const VERSIONS = { account: 6 << 3, contract: 2 << 3, muxed: 12 << 3, seed: 18 << 3 } as const;
type Version = keyof typeof VERSIONS;

const KEY_BYTES = 32;
const MUXED_ID_BYTES = 8;
const CHECKSUM_BYTES = 2;
const LENGTHS: Readonly<Record<Version, number>> = {
  account: KEY_BYTES,
  contract: KEY_BYTES,
  muxed: KEY_BYTES + MUXED_ID_BYTES,
  seed: KEY_BYTES,
};

/** Which kind of address this is, or null when it is none that can hold or receive money. */
export function addressKind(text: string): AddressKind | null {
  if (decode('account', text) !== null) return 'account';
  if (decode('contract', text) !== null) return 'contract';
  return decode('muxed', text) === null ? null : 'muxed';
}

/** A `G…` address with a correct checksum. It says nothing about whether the account exists. */
export const isAccountAddress = (text: string): boolean => decode('account', text) !== null;

export const isContractAddress = (text: string): boolean => decode('contract', text) !== null;

export const isMuxedAddress = (text: string): boolean => decode('muxed', text) !== null;

/** The ed25519 public key of a `G…` address; null when the text is none. */
export const publicKeyOf = (address: string): Uint8Array | null => decode('account', address);

/** The `G…` address of an ed25519 public key of 32 bytes. */
export const accountAddressOf = (publicKey: Uint8Array): string => encode('account', publicKey);

/** The 32 secret bytes of an `S…` seed; null when the text is none. */
export const seedBytesOf = (seed: string): Uint8Array | null => decode('seed', seed);

/** The `S…` text of 32 secret bytes. */
export const seedTextOf = (seed: Uint8Array): string => encode('seed', seed);

/** The account behind an `M…` address and the id that it carries; null when the text is none. */
export function muxedParts(address: string): { readonly account: string; readonly id: bigint } | null {
  const payload = decode('muxed', address);
  if (payload === null) return null;
  const id = payload.subarray(KEY_BYTES).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { account: accountAddressOf(payload.subarray(0, KEY_BYTES)), id };
}

function decode(version: Version, text: string): Uint8Array | null {
  const length = 1 + LENGTHS[version] + CHECKSUM_BYTES;
  if (text.length !== (length * 8 + 4 - ((length * 8 + 4) % 5)) / 5) return null;
  const bytes = fromBase32(text, length);
  if (bytes?.[0] !== VERSIONS[version]) return null;
  const end = length - CHECKSUM_BYTES;
  const checksum = crc16(bytes, end);
  if (bytes[end] !== (checksum & 0xff) || bytes[end + 1] !== checksum >> 8) return null;
  return bytes.subarray(1, end);
}

function encode(version: Version, payload: Uint8Array): string {
  const end = 1 + payload.length;
  const bytes = new Uint8Array(end + CHECKSUM_BYTES);
  bytes[0] = VERSIONS[version];
  bytes.set(payload, 1);
  const checksum = crc16(bytes, end);
  bytes[end] = checksum & 0xff;
  bytes[end + 1] = checksum >> 8;
  return toBase32(bytes);
}

/** So many bytes, or null: a letter that is none, or bits in the last letter that no byte needs. */
function fromBase32(text: string, length: number): Uint8Array | null {
  const bytes = new Uint8Array(length);
  let buffer = 0;
  let bits = 0;
  let written = 0;
  for (let index = 0; index < text.length; index += 1) {
    const value = VALUES[text.charCodeAt(index)] ?? NO_LETTER;
    if (value === NO_LETTER) return null;
    buffer = ((buffer << 5) | value) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[written] = (buffer >> bits) & 0xff;
    written += 1;
  }
  return (buffer & ((1 << bits) - 1)) === 0 ? bytes : null;
}

function toBase32(bytes: Uint8Array): string {
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((buffer >> bits) & 31);
    }
  }
  return bits === 0 ? text : text + ALPHABET.charAt((buffer << (5 - bits)) & 31);
}

/** What each byte does to a CRC16 in the XModem variant, as SEP-23 asks for. */
const CRC_OF_BYTE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1)
    crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  return crc;
});

/** The checksum of the first `end` bytes. */
function crc16(bytes: Uint8Array, end: number): number {
  let crc = 0;
  for (let index = 0; index < end; index += 1) {
    crc = ((crc << 8) & 0xffff) ^ (CRC_OF_BYTE[(crc >> 8) ^ (bytes[index] ?? 0)] ?? 0);
  }
  return crc;
}
