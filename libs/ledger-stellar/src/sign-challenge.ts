import type { LedgerKey } from '@libs/ledger';
import { Transaction, TransactionBuilder } from '@stellar/stellar-sdk/base';

import { SigningKeys } from './signing-keys';

const keys = new SigningKeys();

/** What a wallet, or the backend of its client domain, does with a challenge: one more signature. */
export function signChallenge(envelope: string, networkPassphrase: string, key: LedgerKey): string {
  const transaction = TransactionBuilder.fromXdr(envelope, networkPassphrase);
  if (!(transaction instanceof Transaction)) throw new Error('a challenge is not a fee bump');
  transaction.sign(keys.of(key));
  return transaction.toXdr();
}
