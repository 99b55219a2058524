import type { KeyObject } from 'node:crypto';

import { accountAddressOf, isAccountAddress, type LedgerKey, seedBytesOf } from '@libs/ledger';
import { Keypair } from '@stellar/stellar-sdk/base';
import { randomBytes } from 'node:crypto';

import { privateKeyOf, publicBytesOf, signBytes } from './ed25519';

const KEYS_CACHED_MAX = 4_096;

/** The SDK's key pairs with their signing replaced, one per account that was used lately. */
export class SigningKeys {
  private readonly cached = new Map<string, Keypair>();

  of(key: LedgerKey): Keypair {
    const known = this.cached.get(key.address);
    if (known !== undefined) return known;
    const made = fastKeypair(key);
    if (this.cached.size >= KEYS_CACHED_MAX) this.cached.delete(this.cached.keys().next().value ?? '');
    this.cached.set(key.address, made);
    return made;
  }
}

function fastKeypair({ address, seed }: LedgerKey): Keypair {
  // Made from the public half only: the SDK's own signer never gets the secret.
  const keypair = Keypair.fromPublicKey(address);
  const secret: KeyObject = privateKeyOf(seed);
  keypair.sign = (data) => signBytes(data, secret);
  return keypair;
}

/** Reads an `S…` seed. Throws without showing the text when it is none. */
export function ledgerKeyOf(seedText: string): LedgerKey {
  const seed = seedBytesOf(seedText);
  if (seed === null) throw new Error('not a Stellar secret seed');
  return ledgerKeyFromBytes(seed);
}

export function ledgerKeyFromBytes(seed: Uint8Array): LedgerKey {
  const address = accountAddressOf(publicBytesOf(seed));
  if (!isAccountAddress(address)) throw new Error('a key must have an address');
  return { address, seed };
}

export const newLedgerKey = (): LedgerKey => ledgerKeyFromBytes(new Uint8Array(randomBytes(32)));
