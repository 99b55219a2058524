import { randomBytes } from 'node:crypto';

import { newId } from '@libs/kernel';
import { accountAddressOf } from '@libs/ledger';

/** A payment to be made. Each has a destination of its own. */
export interface Payee {
  readonly paymentId: string;
  readonly destination: string;
  /** In stroops. */
  readonly amount: bigint;
}

const ONE_XLM = 10_000_000n;

/** People who get about one XLM each, hardly two of them the same. Nobody has the keys of their accounts. */
export const makePayees = (count: number): readonly Payee[] =>
  Array.from({ length: count }, (_, index) => ({
    paymentId: newId(),
    destination: accountAddressOf(new Uint8Array(randomBytes(32))),
    amount: ONE_XLM + BigInt(index % 999_983),
  }));

export const totalOf = (payees: readonly Payee[]): bigint =>
  payees.reduce((sum, one) => sum + one.amount, 0n);
