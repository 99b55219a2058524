import { paymentCompletedV1 } from '@libs/contracts';
import type { Outbox } from '@libs/eventing';
import {
  type DestinationFacts,
  factsOf,
  type LedgerHeader,
  LedgerUnreachableError,
  obstacleTo,
} from '@libs/ledger';
import {
  type DestinationRepository,
  heldAmong,
  type InstanceRepository,
  lockForSigning,
  type QueuedSubmission,
  type SubmissionRepository,
} from '@libs/submissions';

import { inParallel } from '../bounded';
import { asTenant, type EngineContext, type Monotonic } from '../engine-context';
import type { EngineMetrics } from '../engine-metrics';
import { errorTypeOf } from '../error-types';
import { completedEvents } from '../watching/completed-events';
import type { CallBudget } from './call-budget';

const LOOKED_AT_SIDE_BY_SIDE = 8;
/** How long all look-ups of one round may take: payments that nobody needs to look at wait for them. */
const ROUND_MS = 3_000;

/**
 * Looks at the accounts of payments before they are signed, where nothing fresh is known of them, and rejects what can never
 * work before it costs a fee. It asks little and is sure of nothing: what it lets through may fail in a ledger and is split.
 */
export class PreflightService {
  constructor(
    private readonly context: EngineContext,
    private readonly parts: {
      readonly destinations: DestinationRepository;
      readonly submissions: SubmissionRepository;
      readonly instances: InstanceRepository;
      readonly outbox: Outbox;
      readonly budget: CallBudget;
      readonly metrics: EngineMetrics;
      readonly now: Monotonic;
    },
  ) {}

  private until = -Infinity;

  /** From now on there is time for look-ups again. */
  beginRound(): void {
    this.until = this.parts.now() + ROUND_MS;
  }

  /** Those of the claimed ones that may be signed, in the same order. */
  async passing(
    tenantId: string,
    claimed: readonly QueuedSubmission[],
    latest: LedgerHeader,
  ): Promise<readonly QueuedSubmission[]> {
    const { uow } = this.context;
    const { destinations, budget } = this.parts;
    const calls = budget.available;
    if (calls <= 0 || claimed.length === 0 || this.leftMs <= 0) return claimed;
    const places = await uow.run(asTenant(tenantId), (tx) => destinations.toLookAt(tx, claimed, calls));
    const asked = places.flatMap((place) => claimed[place] ?? []);
    if (asked.length === 0) return claimed;
    const seen = await this.lookAt(new Set(asked.map((one) => one.destination)), latest);
    const rejected = claimed.flatMap((one) => {
      const facts = seen.get(one.destination);
      const reason = facts === undefined ? null : obstacleTo(facts, one);
      return reason === null || reason === 'unknown' ? [] : [{ id: one.id, reason }];
    });
    await this.record(tenantId, { claimed, seen: [...seen.values()], rejected });
    const ids = new Set(rejected.map((one) => one.id));
    return claimed.filter((one) => !ids.has(one.id));
  }

  private get leftMs(): number {
    return this.until - this.parts.now();
  }

  /**
   * Asks only nodes that have the newest ledger: an older one would not know of what was just opened. Who has not answered
   * in time is not waited for.
   */
  private async lookAt(
    addresses: ReadonlySet<string>,
    latest: LedgerHeader,
  ): Promise<ReadonlyMap<string, DestinationFacts>> {
    const seen = new Map<string, DestinationFacts>();
    await inParallel([...addresses], LOOKED_AT_SIDE_BY_SIDE, async (address) => {
      const withinMs = this.leftMs;
      if (withinMs <= 0) return;
      this.parts.budget.spend(1);
      try {
        const account = await this.context.reader.account(address, { notBefore: latest.sequence, withinMs });
        seen.set(address, factsOf(address, account));
      } catch (error) {
        // Then the ledger will tell.
        if (!(error instanceof LedgerUnreachableError)) throw error;
      }
    });
    return seen;
  }

  /**
   * Under the locks of who signs, because a rejection is as final as a signature: nothing is written by an instance that was
   * ended while it looked, or into a database that is another one by now. What was held meanwhile, or claimed by another
   * instance, stays queued.
   */
  private async record(
    tenantId: string,
    {
      claimed,
      seen,
      rejected,
    }: {
      readonly claimed: readonly QueuedSubmission[];
      readonly seen: readonly DestinationFacts[];
      readonly rejected: readonly { readonly id: string; readonly reason: string }[];
    },
  ): Promise<void> {
    const { destinations, submissions, instances, outbox, metrics } = this.parts;
    const { uow, instanceId } = this.context;
    if (seen.length === 0) return;
    const ended = await uow.run(asTenant(tenantId), async (tx) => {
      await lockForSigning(tx);
      if (!(await instances.isLiving(tx, instanceId))) return [];
      await destinations.learn(tx, seen);
      if (rejected.length === 0) return [];
      const held = await heldAmong(
        tx,
        rejected.map(({ id }) => id),
      );
      const unheld = rejected.filter(({ id }) => !held.has(id));
      const outcomes = await submissions.rejectQueued(tx, instanceId, unheld);
      await outbox.publishAll(
        tx,
        paymentCompletedV1,
        completedEvents(outcomes, () => null),
      );
      return outcomes;
    });
    // One that has failed in a ledger before goes with certain others only, or alone.
    const retried = new Set(
      claimed.filter((one) => one.groupMax !== null || one.regroupId !== null).map((one) => one.id),
    );
    metrics.rejectedBefore(
      ended.map(({ submissionId, reasonCode }) => ({
        errorType: errorTypeOf(reasonCode),
        wasRetried: retried.has(submissionId),
      })),
    );
  }
}
