import type { SubmissionStatus } from '@libs/contracts';
import type { Asset } from '@libs/kernel';
import type { Memo } from '@libs/ledger';

/** One dispatch as it arrived, before anything was checked. */
export interface ArrivedDispatch {
  readonly paymentId: string;
  readonly dispatch: number;
  readonly receiverWalletId: string;
  /** In stroops. */
  readonly amount: bigint;
  readonly destination: string;
  readonly memo: Memo | null;
  /** Why it can never be paid as it is; null when nothing is wrong with it. */
  readonly fault: string | null;
}

/** A submission that may be signed. */
export interface QueuedSubmission {
  readonly id: string;
  readonly paymentId: string;
  readonly dispatch: number;
  readonly disbursementId: string | null;
  readonly asset: Asset;
  readonly amount: bigint;
  readonly destination: string;
  readonly memo: Memo | null;
  /** The most payments that a ledger transaction with this one may hold; null for no limit of its own. */
  readonly groupMax: number | null;
  /** Those with the same one go together and with nobody else; null for what may go with anybody. */
  readonly regroupId: string | null;
}

/** A dispatch with an outcome, as `payment_completed` tells it. */
export interface SettledDispatch {
  readonly submissionId: string;
  readonly paymentId: string;
  readonly dispatch: number;
  readonly disbursementId: string | null;
  readonly status: Extract<SubmissionStatus, 'SUCCESS' | 'ERROR'>;
  readonly amount: bigint;
  readonly operationId: string | null;
  readonly reasonCode: string | null;
  /** The attempt that decided; null when none was ever made. */
  readonly attemptId: string | null;
  /** The trace that the payment was handed over with. */
  readonly trace: string;
}

/** What becomes of one submission of an ended attempt. */
export interface Settlement {
  readonly submissionId: string;
  readonly move: 'settle' | 'requeue' | 'reject';
  readonly resultCode: string | null;
  readonly operationId: string | null;
  /** Its share of what the ledger charged for the attempt, in stroops. */
  readonly fee: bigint;
  /** What of it counts towards the bound of its cost: nothing where the cause is ours. */
  readonly countedFee: bigint;
  /** Whether its patience begins or goes on (`counted`), begins anew next time (`ours`), or is as it was. */
  readonly refusal: 'counted' | 'ours' | null;
  readonly ownFailure: boolean;
  readonly groupFailure: boolean;
  /** The new limit of its group; null leaves it as it is. */
  readonly groupMax: number | null;
  /** Whom it goes again with; null for anybody. */
  readonly regroupId: string | null;
}
