import type { LedgerHeader, LedgerKey, Prepared } from '@libs/ledger';
import type { TenantTx } from '@libs/persistence';
import {
  type AttemptRepository,
  type ChannelAccountRepository,
  type EnvelopeKind,
  heldAmong,
  type LiveAttempt,
  lockForSigning,
} from '@libs/submissions';

import { asTenant, type EngineContext } from '../engine-context';
import type { KeyStore } from '../keys/key-store';
import { raisedBid } from '../signing/fee.policy';
import type { SendingService, ToSend } from './sending.service';

/** A node drops what it could not get into this many ledgers. */
const ACCEPTED_PATIENCE_LEDGERS = 4;

export type NextStep = 'wait' | 'again' | 'bump' | 'no-op';

/** What to do about a live attempt after a ledger that did not decide it. */
export function nextStep(attempt: LiveAttempt, latest: LedgerHeader): NextStep {
  if (latest.closedAt >= attempt.query.maxTime) return 'wait';
  const waited = latest.sequence - (attempt.sentAtLedger ?? 0);
  if (waited <= 0) return 'wait';
  switch (attempt.answer) {
    case 'expire':
      return 'wait';
    case 'bump':
      return 'bump';
    case 'supersede':
      return 'no-op';
    case 'accepted':
      return waited >= ACCEPTED_PATIENCE_LEDGERS ? 'again' : 'wait';
    case 'silent':
    case 'resend':
    case 'ours':
    case null:
      return 'again';
  }
}

interface NewEnvelope {
  readonly attemptId: string;
  readonly kind: EnvelopeKind;
  readonly prepared: Prepared;
  readonly feeRate: bigint;
}

/** Sends live attempts again: the same envelope, a fee bump of it, or the no-op that ends it. Never anything new. */
export class ResendingService {
  constructor(
    private readonly context: EngineContext,
    private readonly parts: {
      readonly attempts: AttemptRepository;
      readonly channels: ChannelAccountRepository;
      readonly keys: KeyStore;
      readonly sending: SendingService;
    },
  ) {}

  async round(tenantId: string, live: readonly LiveAttempt[], latest: LedgerHeader): Promise<ToSend[]> {
    const due = live
      .filter((attempt) => !this.parts.sending.isUnderWay(attempt.id))
      .map((attempt) => ({ attempt, step: nextStep(attempt, latest) }))
      .filter(({ step }) => step !== 'wait');
    if (due.length === 0) return [];
    const { uow } = this.context;
    const newest = await uow.run(asTenant(tenantId), (tx) =>
      this.parts.attempts.newestEnvelopes(
        tx,
        due.map(({ attempt }) => attempt.id),
      ),
    );
    const made = new Map<string, NewEnvelope>();
    for (const { attempt, step } of due) {
      const last = newest.get(attempt.id);
      if (last === undefined) continue;
      const envelope = await this.newEnvelope(attempt, step, last);
      if (envelope !== null) made.set(attempt.id, envelope);
    }
    // A no-op that was refused too is not made again: the attempt waits for its time to pass.
    const again = due.filter(
      ({ attempt, step }) =>
        step !== 'no-op' || newest.get(attempt.id)?.kind !== 'no-op' || made.has(attempt.id),
    );
    return await uow.run(asTenant(tenantId), (tx) =>
      this.commit(tx, { attempts: again.map(({ attempt }) => attempt), made, latest }),
    );
  }

  private async newEnvelope(
    attempt: LiveAttempt,
    step: NextStep,
    newest: { readonly kind: EnvelopeKind; readonly payload: string },
  ): Promise<NewEnvelope | null> {
    const { settings, submitter } = this.context;
    if (step === 'bump') {
      const { feeRate: from, operations, feeNeeded } = attempt;
      const feeRate = raisedBid({ feeRate: from, operations, feeNeeded, max: settings.maxBaseFee });
      const distribution = await this.parts.keys.find(attempt.distribution);
      if (feeRate === null || distribution === null) return null;
      const prepared = submitter.prepareBump({ payload: newest.payload, distribution, feeRate });
      return { attemptId: attempt.id, kind: newest.kind === 'no-op' ? 'no-op' : 'bump', prepared, feeRate };
    }
    if (step !== 'no-op' || newest.kind === 'no-op') return null;
    const keys = await this.parts.keys.findAll([attempt.query.channel, attempt.distribution]);
    const [channel, distribution]: (LedgerKey | undefined)[] = [
      keys.get(attempt.query.channel),
      keys.get(attempt.distribution),
    ];
    if (channel === undefined || distribution === undefined) return null;
    const { sequence, maxTime } = attempt.query;
    const { feeRate } = attempt;
    const prepared = submitter.prepareNoOp({ channel, sequence, distribution, maxTime, feeRate });
    return { attemptId: attempt.id, kind: 'no-op', prepared, feeRate };
  }

  /** Under a hold an attempt is neither sent again nor bumped; a no-op moves no money and is not stopped by one. */
  private async commit(
    tx: TenantTx,
    round: {
      readonly attempts: readonly LiveAttempt[];
      readonly made: ReadonlyMap<string, NewEnvelope>;
      readonly latest: LedgerHeader;
    },
  ): Promise<ToSend[]> {
    const { attempts: rows, channels } = this.parts;
    await lockForSigning(tx);
    const ids = round.attempts.map((one) => one.id);
    const carried = await rows.carried(tx, ids);
    const held = await heldAmong(
      tx,
      carried.map((one) => one.submissionId),
    );
    const heldAttempts = new Set(
      carried.filter((one) => held.has(one.submissionId)).map((one) => one.attemptId),
    );
    const allowed = round.attempts.filter(
      (one) => !heldAttempts.has(one.id) || round.made.get(one.id)?.kind === 'no-op',
    );
    const owned = await channels.lockOwned(
      tx,
      this.context.instanceId,
      allowed.map((one) => ({ address: one.query.channel, epoch: one.channelEpoch, attemptId: one.id })),
    );
    const live = await rows.markSentAgain(tx, [...owned], round.latest.sequence);
    const envelopes = [...round.made.values()].filter((one) => live.has(one.attemptId));
    if (envelopes.length > 0) await rows.addEnvelopes(tx, envelopes);
    const newest = await rows.newestEnvelopes(tx, [...live]);
    const paymentsIn = (attemptId: string): number =>
      carried.filter((one) => one.attemptId === attemptId).length;
    return [...newest].map(([attemptId, { payload }]) => ({
      tenantId: tx.tenantId,
      attemptId,
      payload,
      payments: paymentsIn(attemptId),
    }));
  }
}
