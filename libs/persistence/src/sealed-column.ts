import { invariant } from '@libs/kernel';
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const VERSION = 1;
const KEY_BYTES = 32;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;
const CIPHER = 'aes-256-gcm';

/** A sealed value could not be opened: another key, another row, or changed bytes. Never says which value. */
export class SealedColumnError extends Error {
  override readonly name = 'SealedColumnError';
}

/** What a sealed value is bound to, so that a copy of it in another row, table or tenant does not open. */
export const sealedFor = (tenantId: string, table: string, rowId: string): string =>
  `${tenantId}|${table}|${rowId}`;

/** Tells keys apart without telling anything about them: the first bytes of their hash. */
const keyIdOf = (key: Uint8Array): Buffer =>
  createHash('sha256').update('sealed-column').update(key).digest().subarray(0, KEY_ID_BYTES);

/** The id of a sealing key as eight hexadecimal digits: bytes 2 to 5 of what it sealed. */
export const sealingKeyIdOf = (key: Uint8Array): string => keyIdOf(key).toString('hex');

/**
 * Encrypts a value for a bytea column with AES-256-GCM.
 *
 * Layout: version (1 byte) · key id (4) · nonce (12) · tag (16) · ciphertext. The header and `associatedData`
 * (see `sealedFor`) are authenticated with it.
 */
export function seal(key: Uint8Array, associatedData: string, bytes: Uint8Array): Uint8Array {
  invariant(key.length === KEY_BYTES, 'a sealing key has 32 bytes');
  const header = Buffer.concat([Uint8Array.of(VERSION), keyIdOf(key), randomBytes(NONCE_BYTES)]);
  const cipher = createCipheriv(CIPHER, key, header.subarray(1 + KEY_ID_BYTES), { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.concat([header, Buffer.from(associatedData, 'utf8')]));
  const text = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.concat([header, cipher.getAuthTag(), text]);
}

/**
 * Opens what `seal` made. `keys` is the key, or the newest key followed by older ones while keys are changed.
 * Throws `SealedColumnError` when no key fits or the bytes do not belong to `associatedData`.
 */
export function unseal(
  keys: Uint8Array | readonly Uint8Array[],
  associatedData: string,
  sealed: Uint8Array,
): Uint8Array {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes.length < HEADER_BYTES + TAG_BYTES || bytes[0] !== VERSION) {
    throw new SealedColumnError('not a sealed value');
  }
  const header = bytes.subarray(0, HEADER_BYTES);
  const keyId = header.subarray(1, 1 + KEY_ID_BYTES);
  const key = (keys instanceof Uint8Array ? [keys] : keys).find((one) => keyIdOf(one).equals(keyId));
  if (key === undefined) throw new SealedColumnError('sealed under a key that is not here');
  try {
    const decipher = createDecipheriv(CIPHER, key, header.subarray(1 + KEY_ID_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.concat([header, Buffer.from(associatedData, 'utf8')]));
    decipher.setAuthTag(bytes.subarray(HEADER_BYTES, HEADER_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(HEADER_BYTES + TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw new SealedColumnError('the sealed value does not belong here or was changed', { cause: error });
  }
}

export const sealText = (key: Uint8Array, associatedData: string, text: string): Uint8Array =>
  seal(key, associatedData, Buffer.from(text, 'utf8'));

export const unsealText = (
  keys: Uint8Array | readonly Uint8Array[],
  associatedData: string,
  sealed: Uint8Array,
): string => Buffer.from(unseal(keys, associatedData, sealed)).toString('utf8');
