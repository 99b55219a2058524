import type { VerificationField } from '@libs/contracts';
import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';

export interface VerificationValue {
  /** VERIFICATION_PEPPER: without it the stored hash cannot be guessed at, although a date of birth is easy to guess. */
  readonly pepper: Uint8Array;
  readonly tenantId: string;
  readonly field: VerificationField;
  readonly value: string;
}

/**
 * The form in which values of people and of files are compared: without spaces around, in one Unicode form. A PIN and
 * a document number keep their case.
 */
export const normaliseVerificationValue = (value: string): string => value.trim().normalize('NFC');

/** Preparing a key costs more than hashing with it, and a file of people hashes with one key a million times. */
const prepared = new WeakMap<Uint8Array, KeyObject>();

function keyOf(pepper: Uint8Array): KeyObject {
  const known = prepared.get(pepper);
  if (known !== undefined) return known;
  const key = createSecretKey(pepper);
  prepared.set(pepper, key);
  return key;
}

/** HMAC-SHA-256 of a value, whoever it belongs to: a file is hashed before its people are known. Never stored as it is. */
export const hashVerificationValue = ({ pepper, tenantId, field, value }: VerificationValue): Uint8Array =>
  createHmac('sha256', keyOf(pepper))
    .update(['of a person', tenantId, field, normaliseVerificationValue(value)].join('|'))
    .digest();

/**
 * What is stored of a value: its hash bound to the person, whichever contact a file or a wallet names them by.
 * `BOUND_IN_SQL` does the same to a file at once.
 */
export const bindToReceiver = (hash: Uint8Array, receiverId: string): Uint8Array =>
  createHash('sha256')
    .update(hash)
    .update(Buffer.from(receiverId.replaceAll('-', ''), 'hex'))
    .digest();

/** The value hash of `u` bound to its receiver. */
export const BOUND_IN_SQL = 'sha256(u.value_hmac || uuid_send(u.receiver_id))';

/**
 * What was stored before values were bound to the person: keyed with the contact of the row that brought it,
 * normalised as it is stored with the receiver.
 */
export const hashWithContact = (
  { pepper, tenantId, field, value }: VerificationValue,
  contact: string,
): Uint8Array =>
  createHmac('sha256', keyOf(pepper))
    .update([tenantId, contact, field, normaliseVerificationValue(value)].join('|'))
    .digest();
