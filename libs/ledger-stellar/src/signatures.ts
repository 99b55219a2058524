import { publicKeyOf, type Signer } from '@libs/ledger';
import { type FeeBumpTransaction, type Transaction, xdr } from '@stellar/stellar-sdk/base';

/** An envelope, and the public keys that are to sign it. */
export interface ToSign {
  readonly transaction: Transaction | FeeBumpTransaction;
  readonly keys: readonly string[];
}

const HINT_BYTES = 4;
const HINTS_CACHED_MAX = 4_096;

/** Has envelopes signed, all of them in one round trip, and puts the signatures on them. */
export class Signatures {
  private readonly hints = new Map<string, Uint8Array>();

  constructor(private readonly signer: Signer) {}

  async put(envelopes: readonly ToSign[]): Promise<void> {
    const wanted = envelopes.flatMap(({ transaction, keys }) => {
      const digest = transaction.hash();
      return keys.map((key) => ({ transaction, key, digest }));
    });
    if (wanted.length === 0) return;
    const signatures = await this.signer.sign(wanted.map(({ key, digest }) => ({ key, digest })));
    if (signatures.length !== wanted.length) throw new Error('a signer gives one signature per request');
    for (const [index, { transaction, key }] of wanted.entries()) {
      const signature = signatures[index];
      if (signature === undefined) throw new Error('a signer gives one signature per request');
      transaction.addDecoratedSignature(new xdr.DecoratedSignature({ hint: this.hintOf(key), signature }));
    }
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
