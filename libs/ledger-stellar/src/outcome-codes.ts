import type { OperationClass, OperationOutcome, RefusalAdvice } from '@libs/ledger';

import { CODE_TABLES, type CodeClass, type CodeRow, HORIZON_REFUSALS } from './outcome-table';

const rowsOf = (...names: string[]): CodeRow[] =>
  names.flatMap((name) => Object.values(CODE_TABLES[name]?.rows ?? {}));

/** What the operations of an attempt can end with; a code of two tables means the same in both. */
const OPERATIONS = new Map(
  rowsOf('OperationResultCode', 'BumpSequenceResultCode', 'PaymentResultCode').map((row) => [row.code, row]),
);

const REFUSALS: ReadonlyMap<string, RefusalAdvice> = new Map([
  ...[...rowsOf('TransactionResultCode'), ...OPERATIONS.values()].flatMap(({ code, refusal }) =>
    refusal === null ? [] : [[code, refusal] as const],
  ),
  ...Object.entries(HORIZON_REFUSALS),
]);

const CLASSES: Readonly<Record<CodeClass, OperationClass>> = {
  success: 'success',
  'final for the payment': 'final',
  'final for the envelope': 'later',
  'retry later': 'later',
  'ours to fix': 'ours',
};

/** What an operation in a closed, failed ledger transaction says about its payment. Of an unknown code: it may pass. */
export function outcomeOfOperation(code: string): OperationOutcome {
  const row = OPERATIONS.get(code);
  return {
    code,
    class: row === undefined ? 'later' : CLASSES[row.class],
    dependsOnOrder: row?.dependsOnOrder ?? false,
  };
}

const FAILURES = new Map(rowsOf('TransactionResultCode').map((row) => [row.code, CLASSES[row.class]]));

/** What a ledger transaction that failed as a whole says about its payments. Of an unknown code: it may pass. */
export const classOfFailure = (code: string): OperationClass => FAILURES.get(code) ?? 'later';

export interface Refusal {
  /** The code that decided: of an operation when the ledger transaction only says that one failed. */
  readonly code: string;
  readonly advice: RefusalAdvice;
}

export interface Refused {
  /** Of the inner ledger transaction where the fee bump itself had nothing against it. */
  readonly code: string;
  readonly isInner: boolean;
  readonly operationCodes: readonly string[];
}

/**
 * What to do about a refusal, or null for a code that is not known.
 *
 * `tx_failed` means either that an operation can never pass, or (from a node that waits for the ledger) that it already
 * failed in one. Both are told apart by a look-up, so without a telling operation the advice is to look and send again.
 */
export function refusalOf({ code, isInner, operationCodes }: Refused): Refusal | null {
  // The fee bump's own source is the paying account; the inner one's is a channel account.
  if (code === 'tx_no_source_account' && !isInner) return { code, advice: 'ours' };
  if (code !== 'tx_failed') {
    const advice = REFUSALS.get(code);
    return advice === undefined ? null : { code, advice };
  }
  const telling = operationCodes.find((one) => REFUSALS.get(one) === 'supersede');
  if (telling !== undefined) return { code: telling, advice: 'supersede' };
  const failed = operationCodes.find((one) => one !== 'op_success');
  return failed === undefined ? null : { code: failed, advice: 'resend' };
}
