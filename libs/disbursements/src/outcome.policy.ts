import type { PaymentStatus } from '@libs/contracts';

/** A payment as it stands when the outcome of one of its dispatches arrives. */
export interface PaymentUnderOutcome {
  readonly status: PaymentStatus;
  readonly dispatch: number;
  /** In stroops. */
  readonly amount: bigint;
  readonly ledgerTransactionHash: string | null;
  readonly disputed: boolean;
}

export interface DispatchOutcome {
  readonly dispatch: number;
  readonly outcome: 'SUCCESS' | 'FAILED' | 'WITHDRAWN';
  /** In stroops; null unless the outcome is SUCCESS. */
  readonly amountPaid: bigint | null;
  readonly ledgerTransactionHash: string | null;
}

export type OutcomeVerdict =
  | { readonly kind: 'settle' | 'reject' | 'recall' | 'ignore' }
  | { readonly kind: 'dispute'; readonly evidence: string };

const dispute = (evidence: string): OutcomeVerdict => ({ kind: 'dispute', evidence });

/**
 * What follows for a payment from the outcome of a dispatch.
 *
 * A failure or a withdrawal counts only for the current dispatch. A success always counts: where it does not fit
 * the payment, money is in the wrong place, and only a person may resolve it.
 */
export function verdictOnOutcome(payment: PaymentUnderOutcome, outcome: DispatchOutcome): OutcomeVerdict {
  if (payment.disputed) return { kind: 'ignore' };
  if (outcome.outcome === 'SUCCESS') return verdictOnSuccess(payment, outcome);
  if (outcome.dispatch !== payment.dispatch) return { kind: 'ignore' };
  if (payment.status === 'PENDING') return { kind: outcome.outcome === 'FAILED' ? 'reject' : 'recall' };
  if (payment.status === 'SUCCESS')
    return dispute(`dispatch ${String(outcome.dispatch)} was paid and is now said to be ${outcome.outcome}`);
  return { kind: 'ignore' };
}

function verdictOnSuccess(payment: PaymentUnderOutcome, outcome: DispatchOutcome): OutcomeVerdict {
  if (outcome.dispatch !== payment.dispatch) {
    return dispute(
      `dispatch ${String(outcome.dispatch)} was paid while ${String(payment.dispatch)} is the current one`,
    );
  }
  if (outcome.amountPaid !== payment.amount) return dispute('the ledger paid another amount');
  switch (payment.status) {
    case 'PENDING':
      return { kind: 'settle' };
    case 'SUCCESS':
      return payment.ledgerTransactionHash === outcome.ledgerTransactionHash
        ? { kind: 'ignore' }
        : dispute('two ledger transactions paid the same dispatch');
    case 'DRAFT':
    case 'READY':
    case 'PAUSED':
    case 'FAILED':
    case 'CANCELED':
      return dispute(`it was paid while it is ${payment.status}`);
  }
}
