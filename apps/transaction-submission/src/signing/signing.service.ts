import { invariant, newId } from '@libs/kernel';
import {
  type AccountKey,
  type FeeStats,
  type LedgerHeader,
  type Prepared,
  UnknownKeyError,
} from '@libs/ledger';
import type { TenantTx } from '@libs/persistence';
import {
  type AttemptRepository,
  type ChannelAccountRepository,
  freeDiscarded,
  heldAmong,
  lockForSigning,
  type NewAttempt,
  type OwnedChannel,
  type QueuedSubmission,
  type SubmissionRepository,
  tenantsWithQueue,
} from '@libs/submissions';

import { asTenant, type EngineContext } from '../engine-context';
import type { PayingAccounts } from '../keys/paying-accounts';
import type { PreflightService } from '../preflight/preflight.service';
import type { ToSend } from '../sending/sending.service';
import type { Breaker } from './breaker';
import { type Claimant, fairShares, largestEnvelope, roomFor, windowOf } from './fair-share.policy';
import type { FeeRates } from './fee-rates';
import { firstBid } from './fee.policy';
import { groupForSigning } from './grouping.policy';
import { OnTheWay, sizeOf } from './on-the-way';
import type { OutflowGate } from './outflow-gate';
import { RestingTenants } from './resting-tenants';
import type { TermsOfTenants } from './terms-of-tenants';

export interface SigningParts {
  readonly submissions: SubmissionRepository;
  readonly attempts: AttemptRepository;
  readonly channels: ChannelAccountRepository;
  readonly paying: PayingAccounts;
  readonly terms: TermsOfTenants;
  readonly fees: FeeRates;
  readonly breaker: Breaker;
  readonly gate: OutflowGate;
  readonly preflight: PreflightService;
  /** The newest ledger; null when it is too old to sign on. */
  readonly newest: () => LedgerHeader | null;
}

/** How many submissions one database transaction claims, whatever would fit. */
const CLAIMED_MAX = 10_000;
const TOLD_MAX = 1_000;
/** How many tenants one round asks in vain before payments that are on their way are looked after again. */
const IN_VAIN_MAX = 500;
/** How many of those that rest are asked again when the others have left places free. */
const RESTING_ASKED_MAX = 16;
/** Of the smallest envelope with its fee bump. */
const OPERATIONS_MIN = 2;

interface TenantRound {
  readonly tenantId: string;
  readonly channels: readonly OwnedChannel[];
  readonly latest: LedgerHeader;
  readonly stats: FeeStats | null;
  /** Operations that may be signed, fee bumps counted. */
  readonly operations: number;
}

interface SignedFor {
  readonly items: readonly ToSend[];
  readonly used: ReadonlySet<string>;
  readonly operations: number;
  /** There is nothing that could be signed, whatever room there is. */
  readonly isEmptyHanded: boolean;
}

/** What one round has given away so far. */
interface Sharing extends Pick<TenantRound, 'latest' | 'stats'> {
  readonly signed: ToSend[];
  readonly busy: Map<string, number>;
  operations: number;
  left: readonly OwnedChannel[];
  inVain: number;
}

const NO_ROOM: SignedFor = { items: [], used: new Set(), operations: 0, isEmptyHanded: false };
const EMPTY_HANDED: SignedFor = { ...NO_ROOM, isEmptyHanded: true };

/**
 * Turns queued submissions into envelopes that may be sent: claim (committed) → sign, outside of any database transaction
 * → store under the guard (committed) → STORED to SENT under the same guard (committed). What was not stored is never sent.
 */
export class SigningService {
  private rounds = 0;
  /** Why nothing could be signed for a tenant, told once and not each second. */
  private readonly told = new Map<string, string>();
  /** Channel accounts whose key is not in the vault: they stay idle instead of stopping the others. */
  private readonly keyless = new Set<string>();
  private readonly onTheWay = new OnTheWay();
  private readonly resting = new RestingTenants(() => performance.now());
  /** The tenant after which the next round starts. */
  private after: string | null = null;

  constructor(
    private readonly context: EngineContext,
    private readonly parts: SigningParts,
  ) {}

  /**
   * Signs for as many tenants and channel accounts as it can, and returns what may be sent now. Tenants share what is free,
   * whoever has least on its way first; the rest stays queued, where it can be withdrawn and is in nobody's way. No more than
   * `envelopesMax` are signed: what cannot be posted soon only grows old.
   */
  async round(
    owned: readonly OwnedChannel[],
    latest: LedgerHeader,
    envelopesMax: number,
  ): Promise<readonly ToSend[]> {
    const inFlight = this.onTheWay.count(owned);
    const usable = owned.filter(
      ({ address, liveAttempt, sequence }) =>
        liveAttempt === null && sequence !== null && !this.keyless.has(address),
    );
    if (usable.length === 0 || envelopesMax === 0) return [];
    const tenants = await this.context.uow.runSystem('tenants with queued submissions', (tx) =>
      tenantsWithQueue(tx, this.after),
    );
    const [first] = tenants;
    if (first === undefined) return [];
    this.after = first;
    const stats = await this.parts.fees.latest();
    this.parts.preflight.beginRound();
    this.rounds += 1;
    // Another channel account each time: a payment that is signed again does not wait behind its own old sequence number.
    const start = this.rounds % usable.length;
    const channels = [...usable.slice(start), ...usable.slice(0, start)].slice(0, envelopesMax);
    const sharing: Sharing = {
      signed: [],
      busy: new Map(inFlight.byTenant),
      operations: inFlight.operations,
      left: channels,
      inVain: 0,
      latest,
      stats,
    };
    const { awake, resting } = this.resting.split(tenants);
    await this.share(awake, sharing);
    await this.share(resting.slice(0, RESTING_ASKED_MAX), sharing);
    return sharing.signed;
  }

  /**
   * Gives the free places to these tenants. Places that one of them does not use are shared again among those that may want
   * more, until there are no places or no such tenants.
   */
  private async share(tenants: readonly string[], sharing: Sharing): Promise<void> {
    let hungry = tenants;
    while (sharing.left.length > 0 && hungry.length > 0) {
      const claimants = hungry.map((tenantId): Claimant => {
        const limit = this.parts.breaker.limit(tenantId);
        return { tenantId, busy: sharing.busy.get(tenantId) ?? 0, limit };
      });
      const shares = fairShares(claimants, sharing.left.length);
      if (shares.size === 0) return;
      const sated = new Set<string>();
      for (const [tenantId, share] of shares) {
        if (sharing.inVain >= IN_VAIN_MAX) return;
        const used = await this.give(tenantId, share, sharing);
        if (used < share) sated.add(tenantId);
      }
      hungry = hungry.filter((tenantId) => !sated.has(tenantId));
    }
  }

  /** Signs for one tenant on at most so many of the free channel accounts. Returns how many it used. */
  private async give(tenantId: string, share: number, sharing: Sharing): Promise<number> {
    const { latest, stats } = sharing;
    const own = sharing.busy.get(tenantId) ?? 0;
    const operations = roomFor(own === 0, sharing.operations, windowOf(latest.maxOperations));
    if (operations < OPERATIONS_MIN) return 0;
    const channels = sharing.left.slice(0, share);
    const sent = await this.signFor({ tenantId, channels, latest, stats, operations });
    if (sent.isEmptyHanded) this.resting.rest(tenantId);
    else this.resting.wake(tenantId);
    if (sent.used.size === 0) {
      sharing.inVain += 1;
      if (sharing.inVain === IN_VAIN_MAX) this.after = tenantId;
    }
    sharing.signed.push(...sent.items);
    sharing.busy.set(tenantId, own + sent.used.size);
    sharing.operations += sent.operations;
    sharing.left = sharing.left.filter((channel) => !sent.used.has(channel.address));
    return sent.used.size;
  }

  private async signFor(round: TenantRound): Promise<SignedFor> {
    const { tenantId } = round;
    const { uow, instanceId, logger } = this.context;
    const account = await this.parts.paying.of(tenantId);
    if (account.kind === 'none') {
      if (this.told.get(tenantId) !== account.reason) {
        logger.warn({ tenantId, reason: account.reason }, 'nothing can be signed for a tenant');
        if (this.told.size >= TOLD_MAX) this.told.clear();
        this.told.set(tenantId, account.reason);
      }
      return EMPTY_HANDED;
    }
    this.told.delete(tenantId);
    const { paymentsPerEnvelope, maxBaseFee } = await this.parts.terms.of(tenantId);
    const largest = largestEnvelope(paymentsPerEnvelope, round.latest.maxOperations);
    const channels = round.channels.slice(0, Math.max(0, Math.floor(round.operations / (largest + 1))));
    if (channels.length === 0) return NO_ROOM;
    const limit = Math.min(CLAIMED_MAX, channels.length * largest);
    const claimed = await uow.run(asTenant(tenantId), (tx) =>
      this.parts.gate.claim(tx, { instanceId, limit }),
    );
    if (claimed.length === 0) return EMPTY_HANDED;
    const passing = await this.parts.preflight.passing(tenantId, claimed, round.latest);
    // Ledgers may have closed meanwhile, and an attempt lives from the newest one on.
    const latest = this.parts.newest();
    const groups = latest === null ? [] : groupForSigning(passing, largest).slice(0, channels.length);
    const attempts = await this.sign(
      { ...round, channels, latest: latest ?? round.latest, feeRate: firstBid(round.stats, maxBaseFee) },
      groups,
      account.key,
    );
    const stored = await uow.run(asTenant(tenantId), (tx) =>
      this.store(tx, { attempts, claimed, distribution: account.key }),
    );
    this.onTheWay.add(stored);
    const sentAt = (latest ?? round.latest).sequence;
    const sent = await uow.run(asTenant(tenantId), (tx) => this.markSent(tx, stored, sentAt));
    return {
      items: sent.map((one) => ({
        tenantId,
        attemptId: one.id,
        payload: one.prepared.payload,
        payments: one.submissionIds.length,
      })),
      used: new Set(stored.map((one) => one.query.channel)),
      operations: stored.reduce((sum, one) => sum + sizeOf(one), 0),
      isEmptyHanded: stored.length === 0,
    };
  }

  /** One attempt per group and channel account, all signed in one go. None when a key is missing. */
  private async sign(
    { channels, latest, feeRate, tenantId }: TenantRound & { readonly feeRate: bigint },
    groups: readonly (readonly QueuedSubmission[])[],
    distribution: AccountKey,
  ): Promise<readonly NewAttempt[]> {
    const planned = groups.flatMap((group, index) => {
      const [first] = group;
      const channel = channels[index];
      if (channel === undefined || first === undefined) return [];
      invariant(channel.sequence !== null, 'a channel account that is used has a sequence number');
      const maxTime = this.maxTimeOn(channel, latest);
      return [{ group, channel, memo: first.memo, sequence: channel.sequence + 1n, maxTime }];
    });
    let prepared: readonly Prepared[];
    try {
      prepared = await this.context.submitter.prepare(
        planned.map(({ group, channel, memo, sequence, maxTime }) => ({
          channel: channel.address,
          sequence,
          distribution,
          payments: group.map(({ destination, asset, amount }) => ({ destination, asset, amount })),
          memo,
          maxTime,
          feeRate,
        })),
      );
    } catch (error) {
      if (!(error instanceof UnknownKeyError)) throw error;
      if (error.key !== distribution.key) this.keyless.add(error.key);
      this.context.logger.error({ tenantId, key: error.key }, 'a key that should sign is not in the vault');
      return [];
    }
    return planned.map(({ group, channel, sequence, maxTime }, index) => {
      const own = prepared[index];
      invariant(own !== undefined, 'each instruction gives an envelope');
      return {
        id: newId(),
        channelEpoch: channel.epoch,
        distribution: distribution.account,
        query: { reference: own.reference, channel: channel.address, sequence, maxTime, lastSeen: latest },
        prepared: own,
        feeRate,
        submissionIds: group.map((one) => one.id),
      };
    });
  }

  /**
   * Some seconds more or less, by owner and round: what was discarded unsent and is signed again on the same ledger must
   * not get the same hash, which is stored once and for good.
   */
  private maxTimeOn({ epoch }: OwnedChannel, { closedAt }: LedgerHeader): Date {
    const more = (Number(epoch % 4n) * 4 + (this.rounds % 4)) * 1_000;
    return new Date(closedAt.getTime() + this.context.settings.lifetimeSeconds * 1_000 + more);
  }

  /** Stores the attempts for which nothing changed since they were claimed; the others' payments wait again. */
  private async store(
    tx: TenantTx,
    signing: {
      readonly attempts: readonly NewAttempt[];
      readonly claimed: readonly QueuedSubmission[];
      readonly distribution: AccountKey;
    },
  ): Promise<readonly NewAttempt[]> {
    const { submissions, channels, paying, attempts: attemptRows, gate } = this.parts;
    const { claimed, distribution } = signing;
    await lockForSigning(tx);
    // A key is rotated under a hold, so one that is in force now stays so until this is committed.
    const attempts = (await paying.isCurrent(tx, distribution)) ? signing.attempts : [];
    const all = attempts.flatMap((one) => one.submissionIds);
    const held = await heldAmong(tx, all);
    const queued = await submissions.lockQueued(tx, all);
    const whole = attempts.filter((one) => one.submissionIds.every((id) => queued.has(id) && !held.has(id)));
    const { attempts: admitted, limited } = await gate.admit(tx, whole, claimed);
    const occupied = await channels.occupy(
      tx,
      this.context.instanceId,
      admitted.map((one) => ({ address: one.query.channel, epoch: one.channelEpoch, attemptId: one.id })),
    );
    const stored = admitted.filter((one) => occupied.has(one.id));
    const signed = stored.flatMap((one) => one.submissionIds);
    if (stored.length > 0) {
      await attemptRows.store(tx, stored);
      await gate.count(tx, { attempts: stored, limited }, claimed);
      const moved = await submissions.sign(tx, signed);
      invariant(moved === signed.length, 'every submission of a stored attempt is signed');
    }
    const taken = new Set(signed);
    const left = claimed.filter((one) => !taken.has(one.id)).map((one) => one.id);
    if (left.length > 0) await submissions.unclaim(tx, this.context.instanceId, left);
    return stored;
  }

  /** STORED → SENT under the same locks and checks. What is held by now is discarded instead: it is proven unsent. */
  private async markSent(
    tx: TenantTx,
    stored: readonly NewAttempt[],
    ledger: number,
  ): Promise<readonly NewAttempt[]> {
    if (stored.length === 0) return [];
    await lockForSigning(tx);
    const held = await heldAmong(
      tx,
      stored.flatMap((one) => one.submissionIds),
    );
    const unheld = stored.filter((one) => !one.submissionIds.some((id) => held.has(id)));
    const owned = await this.parts.channels.lockOwned(
      tx,
      this.context.instanceId,
      unheld.map((one) => ({ address: one.query.channel, epoch: one.channelEpoch, attemptId: one.id })),
    );
    const heldIds = stored.filter((one) => !unheld.includes(one)).map((one) => one.id);
    if (heldIds.length > 0) {
      await freeDiscarded(tx, await this.parts.attempts.discard(tx, heldIds, 'held'), 'held');
    }
    const sent = await this.parts.attempts.markSent(tx, [...owned], ledger);
    return stored.filter((one) => sent.has(one.id));
  }
}
