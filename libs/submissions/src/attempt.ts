import type { AttemptStatus } from '@libs/contracts';
import type { LookupQuery, Prepared, RefusalAdvice } from '@libs/ledger';

/** An attempt that was signed in memory and is to be stored. */
export interface NewAttempt {
  readonly id: string;
  readonly channelEpoch: bigint;
  readonly distribution: string;
  readonly query: LookupQuery;
  readonly prepared: Prepared;
  readonly feeRate: bigint;
  /** In the order of their operations. */
  readonly submissionIds: readonly string[];
}

/** What the node said last, and what follows from it. */
export type AttemptAnswer = 'accepted' | 'silent' | RefusalAdvice;

/** An attempt whose channel account is ours and that has not ended. */
export interface LiveAttempt {
  readonly id: string;
  readonly status: AttemptStatus;
  readonly query: LookupQuery;
  readonly channelEpoch: bigint;
  readonly distribution: string;
  readonly operations: number;
  readonly feeRate: bigint;
  readonly sends: number;
  readonly sentAtLedger: number | null;
  readonly answer: AttemptAnswer | null;
  /** The code of the last refusal; null while there was none. */
  readonly refusalCode: string | null;
  /** The first refusal that will not pass by waiting; null while there was none. */
  readonly cause: { readonly code: string; readonly operationCodes: readonly string[] } | null;
  readonly feeNeeded: bigint | null;
  readonly contradicted: boolean;
}

/** What a node said about one attempt when an envelope of it was sent. */
export interface RecordedAnswer {
  readonly attemptId: string;
  readonly answer: AttemptAnswer;
  readonly refusalCode: string | null;
  readonly refusalOperations: readonly string[];
  readonly feeNeeded: bigint | null;
}

export type EnvelopeKind = 'first' | 'bump' | 'no-op';

export type AttemptEnd = 'apply' | 'fail' | 'expire' | 'supersede';

/** The end of one attempt, with the evidence for it. */
export interface AttemptEnding {
  readonly attempt: LiveAttempt;
  readonly end: AttemptEnd;
  readonly reason: string;
  readonly proof: object;
  /** Whether a ledger used the sequence number. */
  readonly sequenceUsed: boolean;
}

/** A submission of a live attempt, with what its settlement depends on. */
export interface CarriedSubmission {
  readonly attemptId: string;
  readonly submissionId: string;
  readonly position: number;
  readonly ownFailures: number;
  readonly groupFailures: number;
  readonly regroupId: string | null;
  /** Its share of what ledgers have charged for it so far, in stroops; without what was for causes of ours. */
  readonly feesCharged: bigint;
  /** How long ago it was handed over. */
  readonly ageSeconds: number;
  /** For how long ledgers have refused it for causes that may pass; 0 when none did since a cause of ours. */
  readonly refusedSeconds: number;
  /** Its disbursement, or the payment itself when it is a direct one. */
  readonly paidFor: string;
  /** What it pays, and where to: operations on the same balance can be the cause of each other's failure. */
  readonly asset: string;
  readonly destination: string;
}
