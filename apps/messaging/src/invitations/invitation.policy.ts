import type { InvitationCause } from '@libs/messages';

/** What was sent for one receiver wallet and disbursement so far. */
export interface InvitationsSoFar {
  readonly last_round: number | null;
  readonly resends: number;
  readonly under_way: boolean;
  /** All that were written were given up before they were sent, because nobody waited for them then. */
  readonly unwanted_only: boolean;
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
  if (soFar.unwanted_only) return { round: soFar.last_round + 1, cause: 'first' };
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
