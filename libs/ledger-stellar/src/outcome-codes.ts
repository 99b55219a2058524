import type { OperationClass, OperationOutcome, RefusalAdvice } from '@libs/ledger';

/**
 * What each result code means for a payment, in one table.
 *
 * Sources: the result codes of the protocol (Stellar-transaction.x, Stellar-ledger-entries.x) and what a real network
 * answered. A code that is not here is silence when a node refuses with it, and `later` when a closed ledger shows it.
 */

/** Codes of one operation in a closed, failed ledger transaction. */
const OPERATIONS: Readonly<Record<string, OperationClass>> = {
  op_success: 'success',

  // The recipient's side cannot take it. Only the recipient can mend that, so the payment fails.
  op_no_destination: 'final',
  op_no_trust: 'final',
  op_not_authorized: 'final',
  op_line_full: 'final',
  op_no_issuer: 'final',
  op_malformed: 'final',

  // The paying account must be mended; no recipient's payment fails for it.
  op_underfunded: 'ours',
  op_src_no_trust: 'ours',
  op_src_not_authorized: 'ours',
  op_no_source_account: 'ours',
  op_bad_auth: 'ours',

  op_exceeded_work_limit: 'later',
  op_too_many_subentries: 'later',
  op_not_supported: 'later',
};

/** An operation before it in the same ledger transaction can have used up the balance or the limit. */
const DEPENDS_ON_ORDER: readonly string[] = ['op_underfunded', 'op_line_full'];

/** Codes with which a node refuses to queue an envelope. */
const REFUSALS: Readonly<Record<string, RefusalAdvice>> = {
  TRY_AGAIN_LATER: 'resend',
  tx_bad_seq: 'resend',
  tx_too_early: 'resend',
  tx_bad_minseq_age_or_gap: 'resend',
  tx_no_source_account: 'resend',
  tx_internal_error: 'resend',

  tx_insufficient_fee: 'bump',

  tx_too_late: 'expire',

  tx_bad_auth: 'supersede',
  tx_bad_auth_extra: 'supersede',
  tx_missing_operation: 'supersede',
  tx_malformed: 'supersede',
  tx_not_supported: 'supersede',
  tx_bad_sponsorship: 'supersede',
  transaction_malformed: 'supersede',
  op_malformed: 'supersede',
  op_bad_auth: 'supersede',
  op_not_supported: 'supersede',

  tx_insufficient_balance: 'ours',
};

export const outcomeOfOperation = (code: string): OperationOutcome => ({
  code,
  class: OPERATIONS[code] ?? 'later',
  dependsOnOrder: DEPENDS_ON_ORDER.includes(code),
});

export interface Refusal {
  /** The code that decided: of an operation when the ledger transaction only says that one failed. */
  readonly code: string;
  readonly advice: RefusalAdvice;
}

/**
 * What to do about a refusal, or null for a code that is not known.
 *
 * `tx_failed` means either that an operation can never pass, or (from a node that waits for the ledger) that it already
 * failed in one. Both are told apart by a look-up, so without a telling operation the advice is to look and send again.
 */
export function refusalOf(code: string, operationCodes: readonly string[]): Refusal | null {
  if (code !== 'tx_failed') {
    const advice = REFUSALS[code];
    return advice === undefined ? null : { code, advice };
  }
  const telling = operationCodes.find((one) => REFUSALS[one] === 'supersede');
  if (telling !== undefined) return { code: telling, advice: 'supersede' };
  const failed = operationCodes.find((one) => one !== 'op_success');
  return failed === undefined ? null : { code: failed, advice: 'resend' };
}
