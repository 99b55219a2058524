import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

import { StrKey, xdr } from '@stellar/stellar-sdk';

import type { AccountEntry } from './entries';
import type { Signed } from './envelope';

interface WeightedKey {
  readonly key: string;
  readonly weight: number;
}

const MAX_WEIGHT = 255;
const KEYS_KEPT = 20_000;
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

/** What signers are recognised by. Kept because decoding a key costs more than checking its hint. */
interface KnownKey {
  readonly bytes: Uint8Array;
  readonly hint: Uint8Array;
  readonly payload: Uint8Array | null;
  object: KeyObject | null;
}

const knownKeys = new Map<string, KnownKey>();

function bytesOf(key: string): KnownKey {
  switch (key[0]) {
    case 'X': {
      const bytes = StrKey.decodeSha256Hash(key);
      return { bytes, hint: bytes.subarray(28), payload: null, object: null };
    }
    case 'T': {
      const bytes = StrKey.decodePreAuthTx(key);
      return { bytes, hint: bytes.subarray(28), payload: null, object: null };
    }
    case 'P': {
      const signed = xdr.SignerKeyEd25519SignedPayload.fromXdr(StrKey.decodeSignedPayload(key));
      const bytes = signed.ed25519.value;
      return { bytes, hint: payloadHint(bytes, signed.payload), payload: signed.payload, object: null };
    }
    default: {
      const bytes = StrKey.decodeEd25519PublicKey(key);
      return { bytes, hint: bytes.subarray(28), payload: null, object: null };
    }
  }
}

function payloadHint(key: Uint8Array, payload: Uint8Array): Uint8Array {
  const hint = new Uint8Array(4);
  hint.set(payload.subarray(Math.max(0, payload.length - 4)));
  return hint.map((byte, index) => byte ^ (key[28 + index] ?? 0));
}

function known(key: string): KnownKey {
  const found = knownKeys.get(key);
  if (found !== undefined) return found;
  if (knownKeys.size >= KEYS_KEPT) knownKeys.clear();
  const fresh = bytesOf(key);
  knownKeys.set(key, fresh);
  return fresh;
}

function verifies(key: KnownKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  key.object ??= createPublicKey({
    key: Buffer.concat([SPKI_ED25519, key.bytes]),
    format: 'der',
    type: 'spki',
  });
  return verify(null, message, key.object, signature);
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

function matches(key: string, decorated: xdr.DecoratedSignature, hash: Buffer): boolean {
  const signer = known(key);
  if (!sameBytes(signer.hint, decorated.hint.value)) return false;
  const signature = decorated.signature.value;
  switch (key[0]) {
    case 'X':
      return sameBytes(createHash('sha256').update(signature).digest(), signer.bytes);
    case 'P':
      return signer.payload !== null && verifies(signer, signer.payload, signature);
    default:
      return verifies(signer, hash, signature);
  }
}

/** Signatures are checked at admission, at the choice of the set and when applied; the costly part only once. */
const verified = new WeakMap<Signed, Map<string, boolean>>();

function matchesOnce(signed: Signed, index: number, key: string): boolean {
  const decorated = signed.signatures[index];
  if (decorated === undefined) return false;
  let answers = verified.get(signed);
  if (answers === undefined) {
    answers = new Map();
    verified.set(signed, answers);
  }
  const question = `${String(index)}${key}`;
  const answered = answers.get(question);
  if (answered !== undefined) return answered;
  const answer = matches(key, decorated, signed.hash);
  answers.set(question, answer);
  return answer;
}

const PASSES = ['X', 'G', 'P'] as const;

/**
 * Counts the weight of the signatures on one ledger transaction and remembers which of them were needed, since
 * the network refuses those that were not.
 */
export class SignatureCheck {
  private readonly used: boolean[];
  /** The signer key that stands for this very ledger transaction. */
  readonly preAuthorised: string;
  private readonly passed = new Map<AccountEntry, number>();

  constructor(private readonly signed: Signed) {
    this.used = signed.signatures.map(() => false);
    this.preAuthorised = StrKey.encodePreAuthTx(signed.hash);
  }

  allUsed(): boolean {
    return !this.used.includes(false);
  }

  /** Whether the account agrees with at least this weight; at least one valid signature even for weight 0. */
  account(account: AccountEntry, needed: number): boolean {
    const before = this.passed.get(account);
    if (before !== undefined && before === needed) return true;
    const { master } = account.thresholds;
    const signers: WeightedKey[] =
      master > 0 ? [...account.signers, { key: account.id, weight: master }] : [...account.signers];
    const passed = this.reaches(signers, needed);
    if (passed) this.passed.set(account, needed);
    return passed;
  }

  /** Whether this very key signed, for accounts that do not exist yet and for extra signers. */
  key(key: string): boolean {
    return this.reaches([{ key, weight: 1 }], 0);
  }

  private reaches(signers: readonly WeightedKey[], needed: number): boolean {
    let total = 0;
    for (const { key, weight } of signers) {
      if (key !== this.preAuthorised) continue;
      total += Math.min(weight, MAX_WEIGHT);
      if (total >= needed) return true;
    }
    for (const kind of PASSES) {
      const left = signers.filter(({ key }) => key[0] === kind);
      for (let index = 0; index < this.used.length && left.length > 0; index += 1) {
        const at = left.findIndex(({ key }) => matchesOnce(this.signed, index, key));
        const [signer] = at === -1 ? [] : left.splice(at, 1);
        if (signer === undefined) continue;
        this.used[index] = true;
        total += Math.min(signer.weight, MAX_WEIGHT);
        if (total >= needed) return true;
      }
    }
    return false;
  }
}
