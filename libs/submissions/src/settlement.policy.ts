import { newId } from '@libs/kernel';
import type { LookupAnswer, OperationOutcome } from '@libs/ledger';

import type { AttemptEnding, CarriedSubmission, LiveAttempt } from './attempt';
import type { Settlement } from './submission';

/** How often a payment's own operation may fail in a closed ledger with a cause that might pass. */
export const OWN_FAILURES_MAX = 3;

/** A payment that a ledger refuses for this long with causes that might pass is given up. */
export const RETRIED_FOR_SECONDS_MAX = 7 * 24 * 3_600;

/** What one payment may cost before it is given up. */
export interface Bounds {
  /** In stroops, of all that ledgers charged for it. */
  readonly feesMax: bigint;
}

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

const UNCHANGED = {
  fee: 0n,
  countedFee: 0n,
  refusal: null,
  operationId: null,
  ownFailure: false,
  groupFailure: false,
  groupMax: null,
  regroupId: null,
} as const;

/**
 * What evidence about an attempt means for each submission that it carried.
 *
 * A payment fails only when its own operation failed in a closed ledger, or can never pass as it is. Whatever is the fault
 * of another operation, of our account or of nobody lets it wait for the next attempt. `ownHashes`: the hashes of our own
 * ledger transactions among those that superseded attempts; what somebody else's cost is not our fee.
 */
export function verdictOn(
  attempt: LiveAttempt,
  carried: readonly CarriedSubmission[],
  evidence: Evidence,
  { ownHashes, ...bounds }: Bounds & { readonly ownHashes: ReadonlySet<string> },
): Verdict {
  const isPaidByUs =
    evidence.kind !== 'expired' &&
    (evidence.kind !== 'superseded' || ownHashes.has(evidence.proof.innerHash));
  const verdict = withFees(outcomesOf(attempt, carried, evidence), {
    charged: isPaidByUs ? evidence.proof.feeCharged : 0n,
    isOurs: isOursToBear(evidence),
  });
  const byId = new Map(carried.map((one) => [one.submissionId, one]));
  return {
    ...verdict,
    settlements: verdict.settlements.map((one) => withinBounds(one, byId.get(one.submissionId), bounds)),
  };
}

/** Each payment bears the same share of the fee; what cannot be divided, the first ones bear. */
function withFees(
  verdict: Verdict,
  { charged, isOurs }: { readonly charged: bigint; readonly isOurs: boolean },
): Verdict {
  if (charged === 0n) return verdict;
  const counts = !isOurs && verdict.oursToFix === null;
  const settlements = verdict.settlements.map((one, index) => {
    const fee = shareOf(charged, index, verdict.settlements.length);
    return { ...one, fee, countedFee: counts ? fee : 0n };
  });
  return { ...verdict, settlements };
}

/** Whether anything of ours was in the way, be it only for the last of them: then nobody is charged for the trial. */
const isOursToBear = (evidence: Evidence): boolean =>
  evidence.kind === 'failed' &&
  (evidence.operations.length === 0
    ? evidence.class === 'ours'
    : evidence.operations.some((one) => one.class === 'ours'));

const shareOf = (charged: bigint, index: number, count: number): bigint =>
  charged / BigInt(count) + (BigInt(index) < charged % BigInt(count) ? 1n : 0n);

/**
 * Gives up what a ledger refused, for a cause that might pass, for too long or at too high a cost. What only waits (for the
 * network, for our account, or because another payment failed) is never given up, and what our account cost it does not
 * count.
 */
function withinBounds(
  settlement: Settlement,
  one: CarriedSubmission | undefined,
  { feesMax }: Bounds,
): Settlement {
  if (one === undefined || settlement.move !== 'requeue' || settlement.refusal !== 'counted')
    return settlement;
  const isTooDear = one.feesCharged + settlement.countedFee > feesMax;
  if (!isTooDear && one.refusedSeconds <= RETRIED_FOR_SECONDS_MAX) return settlement;
  const bound = isTooDear ? 'too_dear' : 'too_old';
  return { ...settlement, move: 'reject', resultCode: `${bound}:${settlement.resultCode ?? ''}` };
}

function outcomesOf(
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

/** It waits for the next attempt, with those that it was to go with. */
const again = (one: CarriedSubmission, resultCode: string | null): Settlement => ({
  ...UNCHANGED,
  submissionId: one.submissionId,
  move: 'requeue',
  resultCode,
  regroupId: one.regroupId,
});

/**
 * A closed ledger has the attempt as failed and names every operation that failed: those are rejected or wait by their
 * codes. The ledger had applied the others to the state that they will find again, so they go again together and with
 * nobody else: each further failure removes at least one more, whatever their number.
 */
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
  const shared = size > 1;
  const afterTheOthers = newId();
  let oursToFix: OursToFix | null = null;
  const settlements = carried.map((one): Settlement => {
    const outcome = evidence.operations[one.position];
    const requeued = { ...again(one, outcome?.code ?? evidence.code), groupFailure: shared };
    if (outcome === undefined) {
      // The ledger transaction failed as a whole: no payment's own operation was looked at.
      const smaller = { ...requeued, groupMax: halved(one, size) };
      if (evidence.class !== 'ours') return { ...smaller, refusal: 'counted' };
      oursToFix = { code: evidence.code };
      return { ...smaller, refusal: 'ours' };
    }
    if (outcome.class === 'success') return { ...requeued, regroupId: attempt.id };
    // It may pass or fail once the others are through, so it is asked on its own, and they need not wait for it.
    if (mayBeCausedByOthers(one, outcome, { carried, operations: evidence.operations })) {
      const refusal = outcome.class === 'ours' ? 'ours' : 'counted';
      return { ...requeued, regroupId: afterTheOthers, refusal };
    }
    switch (outcome.class) {
      case 'final':
        return { ...requeued, move: 'reject', ownFailure: true };
      case 'ours':
        oursToFix = { code: outcome.code };
        return { ...requeued, refusal: 'ours' };
      case 'later':
        return {
          ...requeued,
          move: one.ownFailures + 1 >= OWN_FAILURES_MAX ? 'reject' : 'requeue',
          refusal: 'counted',
          ownFailure: true,
          groupMax: 1,
          regroupId: null,
        };
    }
  });
  return { ending, settlements, oursToFix };
}

/**
 * Whether an operation before it used up the room of the recipient's trustline, or any other can be paid from the same
 * balance of the paying account: whichever came first, what the account can pay is paid before its tenant is held. One that
 * failed itself changed nothing, so only those count that would have worked.
 */
function mayBeCausedByOthers(
  one: CarriedSubmission,
  outcome: OperationOutcome,
  attempt: {
    readonly carried: readonly CarriedSubmission[];
    readonly operations: readonly OperationOutcome[];
  },
): boolean {
  if (!outcome.dependsOnOrder) return false;
  return attempt.carried.some(
    (other) =>
      attempt.operations[other.position]?.class === 'success' &&
      other.asset === one.asset &&
      (outcome.class === 'ours' || (other.position < one.position && other.destination === one.destination)),
  );
}

/** Where nothing names the cause, a payment goes into groups of half the size after a second failure that it shared. */
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
  const reasoned = { ...ending, reason: cause.code };
  if (settlements.some((one) => one.move === 'reject')) {
    return { ending: reasoned, settlements, oursToFix: null };
  }
  return {
    ending: reasoned,
    settlements: settlements.map((one) => ({ ...one, refusal: 'ours' })),
    oursToFix: { code: cause.code },
  };
}
