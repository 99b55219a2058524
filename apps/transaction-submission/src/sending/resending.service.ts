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
import type { FeeRates } from '../signing/fee-rates';
import { nextBid } from '../signing/fee.policy';
import type { TermsOfTenants } from '../signing/terms-of-tenants';
import { type NextStep, nextStep, waitedOutBan } from './resending.policy';
import type { SendingService, ToSend } from './sending.service';

interface NewEnvelope {
  readonly attemptId: string;
  readonly kind: EnvelopeKind;
  readonly prepared: Prepared;
  readonly feeRate: bigint;
}

interface Due {
  readonly attempt: LiveAttempt;
  readonly step: Exclude<NextStep, 'wait'>;
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
      readonly terms: TermsOfTenants;
      readonly fees: FeeRates;
    },
  ) {}

  async round(tenantId: string, live: readonly LiveAttempt[], latest: LedgerHeader): Promise<ToSend[]> {
    const idle = live.filter((attempt) => !this.parts.sending.isUnderWay(attempt.id));
    if (idle.length === 0) return [];
    // A node asked for more than we knew of.
    if (idle.some(({ answer }) => answer === 'bump')) this.parts.fees.forget();
    const market = (await this.parts.fees.latest())?.chargedP90 ?? null;
    const due = idle.flatMap((attempt): Due[] => {
      const step = nextStep(attempt, latest, market);
      return step === 'wait' ? [] : [{ attempt, step }];
    });
    if (due.length === 0) return [];
    const { uow } = this.context;
    const { maxBaseFee } = await this.parts.terms.of(tenantId);
    const newest = await uow.run(asTenant(tenantId), (tx) =>
      this.parts.attempts.newestEnvelopes(
        tx,
        due.map(({ attempt }) => attempt.id),
      ),
    );
    const made = await this.newEnvelopes(due, newest, { market, max: maxBaseFee });
    // What a node has refused or dropped, it refuses again for some ledgers: the same bytes would only cost calls. A no-op
    // that was refused too is not made again: the attempt waits for its time to pass.
    const again = due.filter(
      ({ attempt, step }) =>
        step === 'again' || made.has(attempt.id) || (step !== 'no-op' && waitedOutBan(attempt, latest)),
    );
    return await uow.run(asTenant(tenantId), (tx) =>
      this.commit(tx, { attempts: again.map(({ attempt }) => attempt), made, latest }),
    );
  }

  /** Fee bumps and no-ops for those attempts that need one and can have one, signed together. */
  private async newEnvelopes(
    due: readonly Due[],
    newest: Newest,
    bounds: { readonly market: bigint | null; readonly max: bigint },
  ): Promise<ReadonlyMap<string, NewEnvelope>> {
    const { submitter } = this.context;
    const bumps: Planned<BumpInstructions>[] = [];
    const noOps: Planned<NoOpInstructions>[] = [];
    const changing = due.filter(({ step }) => step !== 'again');
    if (changing.length === 0) return new Map();
    const keys = await this.parts.paying.keysOf(changing.map(({ attempt }) => attempt.distribution));
    for (const { attempt, step } of changing) {
      const last = newest.get(attempt.id);
      const distribution = keys.get(attempt.distribution);
      if (last === undefined || distribution === undefined) continue;
      const { feeRate: from, operations, feeNeeded } = attempt;
      if (step !== 'no-op') {
        const feeRate = nextBid(step, { feeRate: from, operations, feeNeeded, ...bounds });
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
