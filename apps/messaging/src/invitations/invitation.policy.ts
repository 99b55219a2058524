import type { InvitationCause } from '@libs/messages';

/** What was sent for one receiver wallet and disbursement so far. */
export interface InvitationsSoFar {
  /** The number of the last one ever; null when there was none. */
  readonly last_round: number | null;
  readonly under_way: boolean;
  /** Whether one of them still counts: see {@link InvitationCandidate}. The next two tell of those that count. */
  readonly is_invited: boolean;
  readonly resends: number;
  readonly days_since_first: number | null;
}

export interface NextInvitation {
  readonly round: number;
  readonly cause: InvitationCause;
}

/** The invitation that is due by itself: the first one, or the next reminder. Null: none. */
export function dueInvitation(
  soFar: InvitationsSoFar,
  rules: { readonly resendIntervalDays: number | null; readonly resendsMax: number },
): NextInvitation | null {
  if (soFar.last_round === null) return { round: 0, cause: 'first' };
  if (!soFar.is_invited) return { round: soFar.last_round + 1, cause: 'first' };
  const { resendIntervalDays, resendsMax } = rules;
  if (resendIntervalDays === null || soFar.under_way || soFar.resends >= resendsMax) return null;
  if (soFar.days_since_first === null) return null;
  const dueAfterDays = resendIntervalDays * (soFar.resends + 1);
  return soFar.days_since_first >= dueAfterDays ? { round: soFar.last_round + 1, cause: 'resend' } : null;
}

/** The invitation that staff asked for. Null while one is still on its way. */
export function requestedInvitation(soFar: InvitationsSoFar): NextInvitation | null {
  if (soFar.last_round === null) return { round: 0, cause: 'first' };
  return soFar.under_way ? null : { round: soFar.last_round + 1, cause: 'manual' };
}
