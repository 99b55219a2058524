import type { KeyObject } from 'node:crypto';

import { type LedgerKey, type SignatureRequest, Signer, UnknownKeyError } from '@libs/ledger';

import { privateKeyOf, signBytes } from './ed25519';

/** Signs with seeds that this process holds. A key is prepared for signing once. */
export class SeedSigner extends Signer {
  private readonly secrets = new Map<string, KeyObject>();

  constructor(keys: readonly LedgerKey[] = []) {
    super();
    for (const key of keys) this.add(key);
  }

  add({ address, seed }: LedgerKey): void {
    this.secrets.set(address, privateKeyOf(seed));
  }

  has(key: string): boolean {
    return this.secrets.has(key);
  }

  get size(): number {
    return this.secrets.size;
  }

  /** Forgets the `count` keys that were added first, apart from these. */
  forgetOldest(count: number, except: ReadonlySet<string>): void {
    let left = count;
    for (const key of this.secrets.keys()) {
      if (left <= 0) return;
      if (except.has(key)) continue;
      this.secrets.delete(key);
      left -= 1;
    }
  }

  /** At once: nothing here waits for anything. */
  signNow(requests: readonly SignatureRequest[]): readonly Uint8Array[] {
    return requests.map(({ key, digest }) => {
      const secret = this.secrets.get(key);
      if (secret === undefined) throw new UnknownKeyError(key);
      return signBytes(digest, secret);
    });
  }

  override sign(requests: readonly SignatureRequest[]): Promise<readonly Uint8Array[]> {
    try {
      return Promise.resolve(this.signNow(requests));
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
