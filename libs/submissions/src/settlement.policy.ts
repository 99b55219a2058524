import type { LookupAnswer } from '@libs/ledger';

import type { AttemptEnding, CarriedSubmission, LiveAttempt } from './attempt';
import type { Settlement } from './submission';

/** How often a payment's own operation may fail in a closed ledger with a cause that might pass. */
export const OWN_FAILURES_MAX = 3;

/** What is wrong on our side: nothing of the tenant is signed until it is mended. */
export interface OursToFix {
  readonly code: string;
}

export interface Verdict {
  readonly ending: AttemptEnding;
  readonly settlements: readonly Settlement[];
  readonly oursToFix: OursToFix | null;
}

type Evidence = Exclude<LookupAnswer, { readonly kind: 'notYet' }>;

const UNCHANGED = { operationId: null, ownFailure: false, groupFailure: false, groupMax: null } as const;

/**
 * What evidence about an attempt means for each submission that it carried.
 *
 * A payment fails only when its own operation failed in a closed ledger, or can never pass as it is. Whatever is the fault
 * of another operation, of our account or of nobody lets it wait for the next attempt.
 */
export function verdictOn(
  attempt: LiveAttempt,
  carried: readonly CarriedSubmission[],
  evidence: Evidence,
): Verdict {
  const mine = carried.filter((one) => one.attemptId === attempt.id);
  switch (evidence.kind) {
    case 'applied':
      return {
        ending: { attempt, end: 'apply', reason: '', proof: evidence.proof, sequenceUsed: true },
        settlements: mine.map((one) => ({
          ...UNCHANGED,
          submissionId: one.submissionId,
          move: 'settle',
          resultCode: 'op_success',
          operationId: evidence.proof.operationIds[one.position] ?? null,
        })),
        oursToFix: null,
      };
    case 'failed':
      return failed(attempt, mine, evidence);
    case 'expired': {
      const ending: AttemptEnding = {
        attempt,
        end: 'expire',
        reason: '',
        proof: evidence.proof,
        sequenceUsed: false,
      };
      return neverApplied(ending, mine);
    }
    case 'superseded':
      return neverApplied(
        { attempt, end: 'supersede', reason: '', proof: evidence.proof, sequenceUsed: true },
        mine,
      );
  }
}

const again = (one: CarriedSubmission, resultCode: string | null): Settlement => ({
  ...UNCHANGED,
  submissionId: one.submissionId,
  move: 'requeue',
  resultCode,
});

function failed(
  attempt: LiveAttempt,
  carried: readonly CarriedSubmission[],
  evidence: Extract<Evidence, { readonly kind: 'failed' }>,
): Verdict {
  const size = carried.length;
  const ending: AttemptEnding = {
    attempt,
    end: 'fail',
    reason: evidence.code,
    proof: { ...evidence.proof, code: evidence.code, operations: evidence.operations },
    sequenceUsed: true,
  };
  let oursToFix: OursToFix | null = null;
  const settlements = carried.map((one): Settlement => {
    const outcome = evidence.operations[one.position];
    const shared = size > 1;
    const requeued = {
      ...again(one, outcome?.code ?? evidence.code),
      groupFailure: shared,
      groupMax: halved(one, size),
    };
    if (outcome === undefined) {
      // The ledger transaction failed as a whole: no payment's own operation was looked at.
      if (evidence.code === 'tx_insufficient_balance') oursToFix = { code: evidence.code };
      return requeued;
    }
    if (outcome.class === 'success') return requeued;
    // Operations before it may have used up the balance or the limit: it is tried in a smaller group first.
    if (shared && outcome.dependsOnOrder) return { ...requeued, groupMax: Math.max(1, Math.floor(size / 2)) };
    switch (outcome.class) {
      case 'final':
        return { ...requeued, move: 'reject', ownFailure: true };
      case 'ours':
        oursToFix = { code: outcome.code };
        return requeued;
      case 'later':
        return {
          ...requeued,
          move: one.ownFailures + 1 >= OWN_FAILURES_MAX ? 'reject' : 'requeue',
          ownFailure: true,
        };
    }
  });
  return { ending, settlements, oursToFix };
}

/** After a second failure that it shared with others, a payment goes into groups of half the size. */
const halved = (one: CarriedSubmission, size: number): number | null =>
  size > 1 && one.groupFailures >= 1 ? Math.max(1, Math.floor(size / 2)) : null;

/**
 * No ledger can apply the attempt any more. Without a cause that a node named, everything simply waits again; with one, the
 * payments that it names can never pass, and where it names none the cause is on our side.
 */
function neverApplied(ending: AttemptEnding, carried: readonly CarriedSubmission[]): Verdict {
  const { cause } = ending.attempt;
  if (cause === null) {
    return { ending, settlements: carried.map((one) => again(one, null)), oursToFix: null };
  }
  const settlements = carried.map((one): Settlement => {
    const own = carried.length === 1 ? cause.code : cause.operationCodes[one.position];
    return own === 'op_malformed' ? { ...again(one, own), move: 'reject' } : again(one, cause.code);
  });
  const someCanNeverPass = settlements.some((one) => one.move === 'reject');
  return {
    ending: { ...ending, reason: cause.code },
    settlements,
    oursToFix: someCanNeverPass ? null : { code: cause.code },
  };
}
