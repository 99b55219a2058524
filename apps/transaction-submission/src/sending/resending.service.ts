import type { BumpInstructions, LedgerHeader, NoOpInstructions, Prepared } from '@libs/ledger';
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
import type { PayingAccounts } from '../keys/paying-accounts';
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

interface Due {
  readonly attempt: LiveAttempt;
  readonly step: NextStep;
}

interface Planned<Instructions> {
  readonly attemptId: string;
  readonly kind: EnvelopeKind;
  readonly instructions: Instructions;
}

type Newest = ReadonlyMap<string, { readonly kind: EnvelopeKind; readonly payload: string }>;

const envelopesOf = (
  planned: readonly Planned<{ readonly feeRate: bigint }>[],
  prepared: readonly Prepared[],
): [string, NewEnvelope][] =>
  planned.flatMap(({ attemptId, kind, instructions: { feeRate } }, index): [string, NewEnvelope][] => {
    const own = prepared[index];
    return own === undefined ? [] : [[attemptId, { attemptId, kind, prepared: own, feeRate }]];
  });

/** Sends live attempts again: the same envelope, a fee bump of it, or the no-op that ends it. Never anything new. */
export class ResendingService {
  constructor(
    private readonly context: EngineContext,
    private readonly parts: {
      readonly attempts: AttemptRepository;
      readonly channels: ChannelAccountRepository;
      readonly paying: PayingAccounts;
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
    const made = await this.newEnvelopes(due, newest);
    // A no-op that was refused too is not made again: the attempt waits for its time to pass.
    const again = due.filter(
      ({ attempt, step }) =>
        step !== 'no-op' || newest.get(attempt.id)?.kind !== 'no-op' || made.has(attempt.id),
    );
    return await uow.run(asTenant(tenantId), (tx) =>
      this.commit(tx, { attempts: again.map(({ attempt }) => attempt), made, latest }),
    );
  }

  /** Fee bumps and no-ops for those attempts that need one and can have one, signed together. */
  private async newEnvelopes(due: readonly Due[], newest: Newest): Promise<ReadonlyMap<string, NewEnvelope>> {
    const { settings, submitter } = this.context;
    const bumps: Planned<BumpInstructions>[] = [];
    const noOps: Planned<NoOpInstructions>[] = [];
    const changing = due.filter(({ step }) => step === 'bump' || step === 'no-op');
    if (changing.length === 0) return new Map();
    const keys = await this.parts.paying.keysOf(changing.map(({ attempt }) => attempt.distribution));
    for (const { attempt, step } of changing) {
      const last = newest.get(attempt.id);
      const distribution = keys.get(attempt.distribution);
      if (last === undefined || distribution === undefined) continue;
      const { feeRate: from, operations, feeNeeded } = attempt;
      if (step === 'bump') {
        const feeRate = raisedBid({ feeRate: from, operations, feeNeeded, max: settings.maxBaseFee });
        if (feeRate === null) continue;
        const kind = last.kind === 'no-op' ? 'no-op' : 'bump';
        const instructions = { payload: last.payload, distribution, feeRate };
        bumps.push({ attemptId: attempt.id, kind, instructions });
      } else if (last.kind !== 'no-op') {
        const { channel, sequence, maxTime } = attempt.query;
        const instructions = { channel, sequence, distribution, maxTime, feeRate: from };
        noOps.push({ attemptId: attempt.id, kind: 'no-op', instructions });
      }
    }
    return new Map([
      ...envelopesOf(bumps, await submitter.prepareBump(bumps.map((one) => one.instructions))),
      ...envelopesOf(noOps, await submitter.prepareNoOp(noOps.map((one) => one.instructions))),
    ]);
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
