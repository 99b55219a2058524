import { publicKeyOf, type Signer } from '@libs/ledger';
import { type FeeBumpTransaction, type Transaction, xdr } from '@stellar/stellar-sdk/base';

import type { HintedSignature } from './payment-xdr';

/** An envelope, and the public keys that are to sign it. */
export interface ToSign {
  readonly transaction: Transaction | FeeBumpTransaction;
  readonly keys: readonly string[];
}

const HINT_BYTES = 4;
const HINTS_CACHED_MAX = 4_096;

/** A hash, and the public keys that are to sign it. */
export interface DigestToSign {
  readonly digest: Uint8Array;
  readonly keys: readonly string[];
}

/** Has envelopes signed, all of them in one round trip. */
export class Signatures {
  private readonly hints = new Map<string, Uint8Array>();

  constructor(private readonly signer: Signer) {}

  /** Puts the signatures on envelopes that the SDK has built. */
  async put(envelopes: readonly ToSign[]): Promise<void> {
    const signatures = await this.of(
      envelopes.map(({ transaction, keys }) => ({ digest: transaction.hash(), keys })),
    );
    for (const [index, { transaction }] of envelopes.entries()) {
      for (const one of signatures[index] ?? []) {
        transaction.addDecoratedSignature(new xdr.DecoratedSignature(one));
      }
    }
  }

  /** The signatures of each, in the order of its keys. */
  async of(digests: readonly DigestToSign[]): Promise<readonly (readonly HintedSignature[])[]> {
    const wanted = digests.flatMap(({ digest, keys }) => keys.map((key) => ({ key, digest })));
    if (wanted.length === 0) return digests.map(() => []);
    const signatures = await this.signer.sign(wanted);
    if (signatures.length !== wanted.length) throw new Error('a signer gives one signature per request');
    const left = signatures.values();
    return digests.map(({ keys }) =>
      keys.map((key) => ({ hint: this.hintOf(key), signature: left.next().value ?? new Uint8Array() })),
    );
  }

  /** The last bytes of the public key: how a node finds the signer that a signature belongs to. */
  private hintOf(key: string): Uint8Array {
    const known = this.hints.get(key);
    if (known !== undefined) return known;
    const hint = publicKeyOf(key)?.subarray(-HINT_BYTES);
    if (hint === undefined) throw new RangeError('only a G… address is a key');
    if (this.hints.size >= HINTS_CACHED_MAX) this.hints.delete(this.hints.keys().next().value ?? '');
    this.hints.set(key, hint);
    return hint;
  }
}
