import { paymentCompletedV1 } from '@libs/contracts';
import type { EventToPublish, Outbox } from '@libs/eventing';
import type { InclusionProof, LookupAnswer } from '@libs/ledger';
import { withTrace } from '@libs/observability';
import type { TenantTx } from '@libs/persistence';
import {
  type AttemptRepository,
  giveBackOutflow,
  type Bounds,
  type CarriedSubmission,
  type ChannelAccountRepository,
  type ChargedFee,
  type DestinationRepository,
  type FeeRepository,
  type Holds,
  type LiveAttempt,
  lockForHolding,
  type SubmissionRepository,
  type Verdict,
  verdictOn,
} from '@libs/submissions';

import { inBatches, inParallel } from '../bounded';
import { holdForOwnCause } from '../brakes/own-cause';
import { asTenant, type EngineContext } from '../engine-context';
import type { TermsOfTenants } from '../signing/terms-of-tenants';
import { completedEvents } from './completed-events';
import { countOf, NOTHING_SETTLED, type SettledCount, sumOf } from './settled-count';

export interface Found {
  readonly attempt: LiveAttempt;
  readonly evidence: Exclude<LookupAnswer, { readonly kind: 'notYet' }>;
}

export interface SettlingParts {
  readonly submissions: SubmissionRepository;
  readonly attempts: AttemptRepository;
  readonly channels: ChannelAccountRepository;
  readonly holds: Holds;
  readonly outbox: Outbox;
  readonly fees: FeeRepository;
  readonly destinations: DestinationRepository;
  readonly terms: TermsOfTenants;
}

/** What one database transaction settles: no more than a few thousand payments. */
const ATTEMPTS_AT_ONCE = 16;
const SETTLED_SIDE_BY_SIDE = 3;
/** What one payment may cost, in fees of one operation at the ceiling: alone in its envelope, it fails ten times before. */
const FEES_MAX_IN_CEILINGS = 20n;

/**
 * Ends attempts by evidence: attempt, channel account, submissions and the events that tell of them, for some endings of one
 * tenant in one database transaction.
 */
export class SettlingService {
  constructor(
    private readonly context: EngineContext,
    private readonly parts: SettlingParts,
  ) {}

  async settle(tenantId: string, found: readonly Found[]): Promise<SettledCount> {
    if (found.length === 0) return NOTHING_SETTLED;
    const { maxBaseFee } = await this.parts.terms.of(tenantId);
    const counts = await inParallel(inBatches(found, ATTEMPTS_AT_ONCE), SETTLED_SIDE_BY_SIDE, (some) =>
      this.context.uow.run(asTenant(tenantId), (tx) =>
        this.settleIn(tx, some, { feesMax: maxBaseFee * FEES_MAX_IN_CEILINGS }),
      ),
    );
    return counts.reduce(sumOf, NOTHING_SETTLED);
  }

  /** One line per event, under the trace of what caused it: how a file's payments are found in the logs. */
  private tell(tenantId: string, events: readonly EventToPublish<typeof paymentCompletedV1>[]): void {
    for (const { trace = '', data } of events) {
      const { hash, ledger } = data.ledger_transaction ?? { hash: null, ledger: null };
      withTrace({ tenantId, trace }, () => {
        this.context.logger.info({ hash, ledger, payments: data.payments.length }, 'the ledger has decided');
      });
    }
  }

  private async settleIn(tx: TenantTx, found: readonly Found[], bounds: Bounds): Promise<SettledCount> {
    const { attempts, channels, submissions, holds, outbox, fees } = this.parts;
    const carried = await attempts.carried(
      tx,
      found.map(({ attempt }) => attempt.id),
    );
    const byAttempt = Map.groupBy(carried, (one) => one.attemptId);
    const ownHashes = await attempts.ownHashes(tx, found.flatMap(supersededBy));
    const verdicts = found.map(({ attempt, evidence }) =>
      verdictOn(attempt, byAttempt.get(attempt.id) ?? [], evidence, { ...bounds, ownHashes }),
    );
    const ours = verdicts.find((one) => one.oursToFix !== null)?.oursToFix ?? null;
    // The lock comes before any row, as whoever holds payments takes it.
    if (ours !== null) await lockForHolding(tx);
    const owned = await channels.lockOwned(
      tx,
      this.context.instanceId,
      found.map(({ attempt }) => ({
        address: attempt.query.channel,
        epoch: attempt.channelEpoch,
        attemptId: attempt.id,
      })),
    );
    const mine = verdicts.filter(({ ending }) => owned.has(ending.attempt.id));
    const ended = await attempts.end(
      tx,
      mine.map(({ ending }) => ending),
    );
    const final = mine.filter(({ ending }) => ended.has(ending.attempt.id));
    if (final.length === 0) return NOTHING_SETTLED;
    await channels.vacate(
      tx,
      final.map(({ ending }) => ({
        attemptId: ending.attempt.id,
        used: ending.sequenceUsed ? ending.attempt.query.sequence : null,
      })),
    );
    const attemptOf = await this.release(tx, final);
    const outcomes = await submissions.settle(
      tx,
      attemptOf,
      final.flatMap(({ settlements }) => settlements),
    );
    await this.parts.destinations.distrust(tx, failedDestinations(final, byAttempt));
    const charged = feesOf(final, byAttempt);
    await fees.record(tx, charged);
    const proofs = new Map(found.map(({ attempt, evidence }) => [attempt.id, proofOf(evidence)]));
    const events = completedEvents(outcomes, (one) => proofs.get(one.attemptId ?? '') ?? null);
    await outbox.publishAll(tx, paymentCompletedV1, events);
    this.tell(tx.tenantId, events);
    if (ours !== null) {
      await holdForOwnCause(tx, holds, ours.code);
    }
    return {
      ...countOf(final, { carried: byAttempt, startedSeconds: ended }),
      fees: charged,
      oursToFix: ours?.code ?? null,
    };
  }

  /** What ended attempts carried is no longer live. Returns the attempt of each submission. */
  private async release(tx: TenantTx, final: readonly Verdict[]): Promise<ReadonlyMap<string, string>> {
    const { attempts } = this.parts;
    const results = final.flatMap(({ ending, settlements }) =>
      settlements.map((one) => ({
        attemptId: ending.attempt.id,
        submissionId: one.submissionId,
        code: one.resultCode,
      })),
    );
    const applied = new Set(
      final.filter(({ ending }) => ending.end === 'apply').map(({ ending }) => ending.attempt.id),
    );
    if (applied.size > 0) await attempts.releaseApplied(tx, [...applied]);
    const others = results.filter((one) => !applied.has(one.attemptId));
    if (others.length > 0) await attempts.release(tx, others);
    const unpaid = final
      .filter(({ ending }) => ending.end !== 'apply')
      .map(({ ending }) => ending.attempt.id);
    if (unpaid.length > 0) await giveBackOutflow(tx, unpaid);
    return new Map(results.map((one) => [one.submissionId, one.attemptId]));
  }
}

/** The ledger transaction that decided a payment; superseding and expiry leave none. */
const proofOf = (evidence: Found['evidence']): InclusionProof | null =>
  evidence.kind === 'applied' || evidence.kind === 'failed' ? evidence.proof : null;

/** What superseded it: our own no-op costs us a fee, what somebody else made does not. */
const supersededBy = ({ attempt, evidence }: Found): { attemptId: string; innerHash: string }[] =>
  evidence.kind === 'superseded' ? [{ attemptId: attempt.id, innerHash: evidence.proof.innerHash }] : [];

/** Whose own side could not take a payment. */
const failedDestinations = (
  verdicts: readonly Verdict[],
  carried: ReadonlyMap<string, readonly CarriedSubmission[]>,
): string[] =>
  verdicts.flatMap(({ ending, settlements }) => {
    const failed = new Set(settlements.filter((one) => one.ownFailure).map((one) => one.submissionId));
    if (failed.size === 0) return [];
    const own = carried.get(ending.attempt.id) ?? [];
    return own.filter((one) => failed.has(one.submissionId)).map((one) => one.destination);
  });

/** What each attempt cost, by what it paid for. What cost nothing is left out. */
function feesOf(
  verdicts: readonly Verdict[],
  carried: ReadonlyMap<string, readonly CarriedSubmission[]>,
): ChargedFee[] {
  return verdicts.flatMap(({ ending, settlements }) => {
    const attemptId = ending.attempt.id;
    const paidFor = new Map(carried.get(attemptId)?.map((one) => [one.submissionId, one.paidFor]));
    const bySubject = Map.groupBy(settlements, (one) => paidFor.get(one.submissionId) ?? '');
    return [...bySubject]
      .map(([subject, some]) => ({
        attemptId,
        paidFor: subject,
        payments: some.length,
        fee: some.reduce((sum, one) => sum + one.fee, 0n),
      }))
      .filter(({ fee }) => fee > 0n);
  });
}
