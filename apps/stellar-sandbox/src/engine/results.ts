import { xdr } from '@stellar/stellar-sdk';

import type { LedgerTransaction } from './envelope';

export type PlainCode = Exclude<
  xdr.InnerTransactionResultResult['type'],
  'txSuccess' | 'txFailed' | 'txInternalError' | 'txSorobanInvalid' | 'txFrozenKeyAccessed' | 'txNotSupported'
>;

/** How a ledger transaction ended, without its fee: a plain code, or one result for each operation. */
export type Verdict =
  | { readonly code: PlainCode }
  | { readonly code: 'txSuccess' | 'txFailed'; readonly operations: readonly xdr.OperationResult[] };

/** The verdict on an envelope. Failures of a fee bump itself are plain; those of its inner one are `inner`. */
export interface Outcome {
  readonly successful: boolean;
  readonly feeCharged: bigint;
  readonly verdict: Verdict;
  /** For a fee bump whose outer part was good: the verdict belongs to the inner one, with this fee. */
  readonly innerFee: bigint | null;
}

const V0 = xdr.TransactionResultExt.v0();
const INNER_V0 = xdr.InnerTransactionResultExt.v0();

function innerResult(verdict: Verdict): xdr.InnerTransactionResultResult {
  return 'operations' in verdict
    ? xdr.InnerTransactionResultResult[verdict.code]([...verdict.operations])
    : xdr.InnerTransactionResultResult[verdict.code]();
}

function outerResult(verdict: Verdict): xdr.TransactionResultResult {
  return 'operations' in verdict
    ? xdr.TransactionResultResult[verdict.code]([...verdict.operations])
    : xdr.TransactionResultResult[verdict.code]();
}

/** The network's own encoding of an outcome, in base64. */
export function resultXdr(outcome: Outcome, transaction: LedgerTransaction): string {
  const { innerFee, verdict } = outcome;
  let result: xdr.TransactionResultResult;
  if (innerFee === null) result = outerResult(verdict);
  else {
    const pair = new xdr.InnerTransactionResultPair({
      transactionHash: transaction.inner.hash,
      result: new xdr.InnerTransactionResult({
        feeCharged: innerFee,
        result: innerResult(verdict),
        ext: INNER_V0,
      }),
    });
    result = outcome.successful
      ? xdr.TransactionResultResult.txFeeBumpInnerSuccess(pair)
      : xdr.TransactionResultResult.txFeeBumpInnerFailed(pair);
  }
  return new xdr.TransactionResult({ feeCharged: outcome.feeCharged, result, ext: V0 }).toXdr('base64');
}
