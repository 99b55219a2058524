import type { LedgerHeader } from '@libs/ledger';
import type { LiveAttempt } from '@libs/submissions';

/** A node drops what it could not get into this many ledgers. */
const QUEUED_LEDGERS_MAX = 4;
/** What a node has dropped or refused for want of room, it refuses under the same hash for this many ledgers. */
const BANNED_LEDGERS = 10;
/** What is queued and not through after this many ledgers may be outbid by others. */
const OUTBID_AFTER_LEDGERS = 2;

/**
 * `again`: the same envelope. Another envelope of the same inner ledger transaction: `bump` bids what the node asked for,
 * `renew` any more than before because the node forgot the old one, `outbid` ten times as much because it still has it.
 */
export type NextStep = 'wait' | 'again' | 'bump' | 'renew' | 'outbid' | 'no-op';

/**
 * What to do about a live attempt after a ledger that did not decide it. `market`: what the last ledgers charged, in stroops
 * per operation.
 */
export function nextStep(attempt: LiveAttempt, latest: LedgerHeader, market: bigint | null): NextStep {
  if (latest.closedAt >= attempt.query.maxTime) return 'wait';
  const waited = ledgersSince(attempt, latest);
  if (waited <= 0) return 'wait';
  switch (attempt.answer) {
    case 'expire':
      return 'wait';
    case 'bump':
      return 'bump';
    case 'supersede':
      return 'no-op';
    case 'accepted':
      if (waited >= QUEUED_LEDGERS_MAX) return 'renew';
      return waited >= OUTBID_AFTER_LEDGERS && market !== null && market > attempt.feeRate
        ? 'outbid'
        : 'wait';
    case 'resend':
      return attempt.refusalCode === 'TRY_AGAIN_LATER' ? 'renew' : 'again';
    case 'silent':
    case 'ours':
    case null:
      return 'again';
  }
}

/** Whether a node that refused or dropped it when it was sent last may take the same bytes again. */
export const waitedOutBan = (attempt: LiveAttempt, latest: LedgerHeader): boolean =>
  ledgersSince(attempt, latest) >= BANNED_LEDGERS + (attempt.answer === 'accepted' ? QUEUED_LEDGERS_MAX : 0);

const ledgersSince = ({ sentAtLedger }: LiveAttempt, { sequence }: LedgerHeader): number =>
  sequence - (sentAtLedger ?? 0);
