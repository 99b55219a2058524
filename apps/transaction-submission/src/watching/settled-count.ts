import type { CarriedSubmission, ChargedFee, Settlement, Verdict } from '@libs/submissions';

import { type ErrorType, errorTypeOf } from '../error-types';

/** What became of a payment when its attempt ended. */
export const OUTCOME_CLASSES = [
  'success',
  'final_for_payment',
  'final_for_envelope',
  'retry_later',
  'ours_to_fix',
] as const;
export type OutcomeClass = (typeof OUTCOME_CLASSES)[number];

/** A payment that has its outcome. */
export interface FinishedPayment {
  /** Why it was not paid; null when it was. */
  readonly errorType: ErrorType | null;
  /** Since it was handed over. */
  readonly queuedSeconds: number;
  /** Since its last attempt was signed. */
  readonly startedSeconds: number;
  /** Ledger transactions with it that failed before. */
  readonly retries: number;
}

/** What some endings came to. */
export interface SettledCount {
  /** Attempts by their end. */
  readonly applied: number;
  readonly failed: number;
  readonly neverApplied: number;
  /** Payments of ended attempts. */
  readonly classes: Readonly<Record<OutcomeClass, number>>;
  readonly finished: readonly FinishedPayment[];
  readonly fees: readonly ChargedFee[];
  /** Payments whose outcome was unknown until now: their attempt had been lost track of. */
  readonly reconciled: number;
  /** The code for which the tenant is held now; null when nothing of ours is to be mended. */
  readonly oursToFix: string | null;
}

const NO_CLASSES = {
  success: 0,
  final_for_payment: 0,
  final_for_envelope: 0,
  retry_later: 0,
  ours_to_fix: 0,
};

export const NOTHING_SETTLED: SettledCount = {
  applied: 0,
  failed: 0,
  neverApplied: 0,
  classes: NO_CLASSES,
  finished: [],
  fees: [],
  reconciled: 0,
  oursToFix: null,
};

const sumOfClasses = (
  one: SettledCount['classes'],
  other: SettledCount['classes'],
): SettledCount['classes'] => ({
  success: one.success + other.success,
  final_for_payment: one.final_for_payment + other.final_for_payment,
  final_for_envelope: one.final_for_envelope + other.final_for_envelope,
  retry_later: one.retry_later + other.retry_later,
  ours_to_fix: one.ours_to_fix + other.ours_to_fix,
});

export const sumOf = (one: SettledCount, other: SettledCount): SettledCount => ({
  applied: one.applied + other.applied,
  failed: one.failed + other.failed,
  neverApplied: one.neverApplied + other.neverApplied,
  classes: sumOfClasses(one.classes, other.classes),
  finished: [...one.finished, ...other.finished],
  fees: [...one.fees, ...other.fees],
  reconciled: one.reconciled + other.reconciled,
  oursToFix: one.oursToFix ?? other.oursToFix,
});

export function countOf(
  verdicts: readonly Verdict[],
  known: {
    readonly carried: ReadonlyMap<string, readonly CarriedSubmission[]>;
    /** By attempt: how long ago it was signed. */
    readonly startedSeconds: ReadonlyMap<string, number>;
  },
): Omit<SettledCount, 'fees' | 'oursToFix'> {
  const ends = (...wanted: string[]): number =>
    verdicts.filter(({ ending }) => wanted.includes(ending.end)).length;
  const classes: Record<OutcomeClass, number> = { ...NO_CLASSES };
  const finished: FinishedPayment[] = [];
  for (const { ending, settlements, oursToFix } of verdicts) {
    const attemptId = ending.attempt.id;
    const carried = new Map(known.carried.get(attemptId)?.map((one) => [one.submissionId, one]));
    const startedSeconds = known.startedSeconds.get(attemptId) ?? 0;
    for (const settlement of settlements) {
      classes[classOf(settlement, oursToFix !== null)] += 1;
      const one = carried.get(settlement.submissionId);
      if (settlement.move === 'requeue' || one === undefined) continue;
      const { ageSeconds: queuedSeconds, groupFailures: retries } = one;
      const errorType = settlement.move === 'settle' ? null : errorTypeOf(settlement.resultCode);
      finished.push({ errorType, queuedSeconds, startedSeconds, retries });
    }
  }
  return {
    applied: ends('apply'),
    failed: ends('fail'),
    neverApplied: ends('expire', 'supersede'),
    classes,
    finished,
    reconciled: verdicts
      .filter(({ ending }) => ending.attempt.status === 'LOST')
      .reduce((sum, { settlements }) => sum + settlements.length, 0),
  };
}

function classOf({ move, ownFailure }: Settlement, isOurs: boolean): OutcomeClass {
  switch (move) {
    case 'settle':
      return 'success';
    case 'reject':
      return 'final_for_payment';
    case 'requeue':
      if (ownFailure) return 'retry_later';
      return isOurs ? 'ours_to_fix' : 'final_for_envelope';
  }
}
