import type { VerificationField } from '@libs/contracts';
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

export interface VerificationValue {
  /** VERIFICATION_PEPPER: without it the stored hash cannot be guessed at, although a date of birth is easy to guess. */
  readonly pepper: Uint8Array;
  readonly tenantId: string;
  /** The phone number or e-mail of the row, normalised as it is stored with the receiver. */
  readonly contact: string;
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

/** What is stored of a verification value: HMAC-SHA-256 over tenant, contact, field and the normalised value. */
export const hashVerificationValue = ({
  pepper,
  tenantId,
  contact,
  field,
  value,
}: VerificationValue): Uint8Array =>
  createHmac('sha256', keyOf(pepper))
    .update([tenantId, contact, field, normaliseVerificationValue(value)].join('|'))
    .digest();
