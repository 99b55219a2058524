import { type EventDataOf, paymentCompletedV1 } from '@libs/contracts';
import type { EventToPublish } from '@libs/eventing';
import { formatAmount } from '@libs/kernel';
import type { InclusionProof } from '@libs/ledger';
import type { SettledDispatch } from '@libs/submissions';

type Completed = EventDataOf<typeof paymentCompletedV1>;

/** What became of a dispatch, in ASCII and short. */
const REASON_CHARACTERS_MAX = 64;

const inclusionOf = (proof: InclusionProof | null): Completed['ledger_transaction'] =>
  proof === null
    ? null
    : {
        hash: proof.envelopeHash,
        ledger: proof.ledger,
        closed_at: proof.closedAt.toISOString(),
        source_account: proof.sourceAccount,
      };

/**
 * The events that tell outcomes: one per ledger transaction, disbursement and kind of outcome; a direct payment has one of
 * its own, keyed by itself. `proofOf` gives the ledger transaction that decided; null when none reached a ledger.
 */
export function completedEvents(
  outcomes: readonly SettledDispatch[],
  proofOf: (outcome: SettledDispatch) => InclusionProof | null,
): EventToPublish<typeof paymentCompletedV1>[] {
  const groups = new Map<string, SettledDispatch[]>();
  for (const one of outcomes) {
    const subject = one.disbursementId ?? one.paymentId;
    const key = `${one.attemptId ?? ''}|${subject}|${one.status}|${one.trace}`;
    const same = groups.get(key);
    if (same === undefined) groups.set(key, [one]);
    else same.push(one);
  }
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    return [
      {
        type:
          first.status === 'SUCCESS'
            ? ('payment-completed-success' as const)
            : ('payment-completed-error' as const),
        key: first.disbursementId ?? first.paymentId,
        trace: first.trace,
        data: {
          disbursement_id: first.disbursementId,
          ledger_transaction: inclusionOf(proofOf(first)),
          payments: same.map(toPayment),
        },
      },
    ];
  });
}

const toPayment = (one: SettledDispatch): Completed['payments'][number] => ({
  id: one.paymentId,
  dispatch: one.dispatch,
  outcome: one.status === 'SUCCESS' ? 'SUCCESS' : 'FAILED',
  amount_paid: one.status === 'SUCCESS' ? formatAmount(one.amount) : null,
  operation_id: one.operationId,
  reason_code:
    one.status === 'SUCCESS' ? null : (one.reasonCode ?? 'unknown').slice(0, REASON_CHARACTERS_MAX),
});
