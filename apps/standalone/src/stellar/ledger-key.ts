import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

import { FeeBumpTransaction, StrKey, type Transaction, TransactionBuilder, xdr } from '@stellar/stellar-sdk';

/** The DER headers before the 32 bytes of an ed25519 private and public key. */
const PRIVATE_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_HEADER = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * The key of a ledger account, signing by node:crypto.
 *
 * A thousand wallets on one machine sign some four thousand times: the SDK's own code would need ten times as long.
 */
export class LedgerKey {
  readonly address: string;
  private readonly privateKey: KeyObject;
  private readonly publicBytes: Buffer;

  constructor(seed: Uint8Array) {
    this.privateKey = createPrivateKey({
      key: Buffer.concat([PRIVATE_HEADER, seed]),
      format: 'der',
      type: 'pkcs8',
    });
    this.publicBytes = createPublicKey(this.privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
    this.address = StrKey.encodeEd25519PublicKey(this.publicBytes);
  }

  static fromSecret(secret: string): LedgerKey {
    return new LedgerKey(StrKey.decodeEd25519SecretSeed(secret));
  }

  /** The same key for the same secret and name, so that nothing needs to be kept. */
  static derived(secret: string, name: string): LedgerKey {
    return new LedgerKey(createHmac('sha256', secret).update(name).digest());
  }

  sign(data: Uint8Array): Buffer {
    return sign(null, data, this.privateKey);
  }

  /** Adds its signature to a ledger transaction. */
  signEnvelope(envelope: Transaction | FeeBumpTransaction): void {
    const signature = this.sign(envelope.hash());
    envelope.signatures.push(new xdr.DecoratedSignature({ hint: this.publicBytes.subarray(-4), signature }));
  }
}

/** Whether the account's key signed these bytes. */
export function isSignedBy(address: string, data: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({
    key: Buffer.concat([PUBLIC_HEADER, StrKey.decodeEd25519PublicKey(address)]),
    format: 'der',
    type: 'spki',
  });
  return verify(null, data, key, signature);
}

/** Reads a ledger transaction that is no fee bump. Throws on anything else. */
export function readEnvelope(text: string, passphrase: string): Transaction {
  const envelope = TransactionBuilder.fromXdr(text, passphrase);
  if (envelope instanceof FeeBumpTransaction) throw new Error('a fee bump was not expected here');
  return envelope;
}
