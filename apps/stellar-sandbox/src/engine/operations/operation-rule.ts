import { xdr } from '@stellar/stellar-sdk';

import type { AccountEntry } from '../entries';
import type { Draft } from '../ledger-state';

export type ThresholdLevel = 'low' | 'medium' | 'high';

/** The ledger that is being made. */
export interface LedgerBeingMade {
  readonly sequence: number;
  /** Unix seconds. */
  readonly closeTime: number;
  /** In stroops. */
  readonly baseReserve: bigint;
}

export interface OperationContext {
  readonly ledger: LedgerBeingMade;
  readonly draft: Draft;
  /** The account that acts. It exists when an operation is applied. */
  readonly source: string;
  /** Who pays the reserves of whom, as begun in this ledger transaction: sponsored account → sponsor. */
  readonly sponsorships: Map<string, string>;
}

/**
 * What the network does with one kind of operation. `check` sees only the operation and answers what is wrong
 * with it whatever the ledger holds; `apply` works on a draft that is dropped when the answer is a failure.
 */
export interface OperationRule {
  readonly threshold: ThresholdLevel;
  check(source: string): xdr.OperationResult | null;
  apply(context: OperationContext): xdr.OperationResult;
}

export const inner = (tr: xdr.OperationResultTr): xdr.OperationResult => xdr.OperationResult.opInner(tr);

export const isSuccess = (result: xdr.OperationResult): boolean =>
  result.type === 'opInner' && result.tr.value.type === `${result.tr.type}Success`;

/** The acting account. Its absence here is a bug: the caller has looked. */
export function sourceOf(context: OperationContext): AccountEntry {
  const account = context.draft.accounts.get(context.source);
  if (account === undefined) throw new Error(`the source account ${context.source} is gone`);
  return account;
}

export function putAccount(context: OperationContext, account: AccountEntry): void {
  context.draft.accounts.set(account.id, { ...account, modified: context.ledger.sequence });
}
