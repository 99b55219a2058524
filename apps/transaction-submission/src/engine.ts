import type { LedgerHeader } from '@libs/ledger';
import {
  type AttemptRepository,
  type ChannelAccountRepository,
  type Holds,
  lockForHolding,
  type OwnedChannel,
  type SubmissionRepository,
} from '@libs/submissions';

import { holdForOwnCause } from './brakes/own-cause';
import type { ChannelLeaseService } from './channels/channel-lease.service';
import { asTenant, type EngineContext } from './engine-context';
import type { EngineMetrics } from './engine-metrics';
import type { LedgerWatch } from './ledger/ledger-watch';
import type { ResendingService } from './sending/resending.service';
import type { SendingService, SentAnswer } from './sending/sending.service';
import type { Breaker } from './signing/breaker';
import type { SigningService } from './signing/signing.service';
import type { RestoreGuard } from './restore/restore-guard';
import type { TransactionFeed } from './watching/transaction-feed';
import type { WatchingService } from './watching/watching.service';

export interface EngineParts {
  readonly watch: LedgerWatch;
  readonly leases: ChannelLeaseService;
  readonly signing: SigningService;
  readonly sending: SendingService;
  readonly resending: ResendingService;
  readonly watching: WatchingService;
  readonly feed: TransactionFeed;
  readonly breaker: Breaker;
  readonly submissions: SubmissionRepository;
  readonly attempts: AttemptRepository;
  readonly channels: ChannelAccountRepository;
  readonly holds: Holds;
  readonly metrics: EngineMetrics;
  readonly restore: RestoreGuard;
}

/** Without any news the queue is looked at this often: notifications may get lost. */
const SWEEP_MS = 1_000;
const AFTER_ERROR_MS = 500;

/**
 * One loop that does everything in turn: record answers → after a ledger, look for evidence and send again → sign and send
 * what is queued. It keeps nothing in memory that the next turn needs, so a crash or an error at any point is just a turn
 * that begins again.
 */
export class Engine {
  private running: Promise<void> | null = null;
  private stopped = false;
  private woken = false;
  private resume: (() => void) | null = null;
  private handledLedger = 0;
  private tookOverAt = -Infinity;
  private channelsOwned = 0;

  constructor(
    private readonly context: EngineContext,
    private readonly parts: EngineParts,
  ) {}

  start(): void {
    this.running ??= this.loop();
  }

  wake(): void {
    this.woken = true;
    this.resume?.();
  }

  /** There are new channel accounts to lease. */
  takeOverSoon(): void {
    this.tookOverAt = -Infinity;
    this.wake();
  }

  /** Why payments do not go out now, apart from the ledger; none when they do. */
  problems(): readonly string[] {
    // Where there are fewer channel accounts than instances, some instances have none and wait to take over.
    const isReady = this.channelsOwned > 0 || this.parts.leases.usableByAnybody > 0;
    const channels = isReady ? [] : ['no channel account is ready yet'];
    return [...channels, ...this.parts.restore.problems()];
  }

  /** Signs nothing more, waits for envelopes that are being posted, records their answers and gives the channels back. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.running;
    await this.parts.sending.drain();
    await this.recordAnswers();
  }

  /** One turn. */
  async turn(): Promise<void> {
    const { watch, leases, sending } = this.parts;
    if (leases.isDead()) return;
    await this.recordAnswers();
    if (performance.now() - this.tookOverAt >= this.context.settings.takeOverEveryMs) {
      await leases.takeOver();
      this.tookOverAt = performance.now();
      if (leases.isDead()) return;
    }
    const { latest } = watch;
    if (latest === null) return;
    // Before anything reads sequence numbers from the ledger into our tables: the guard compares the two.
    const maySign = await this.parts.restore.check(latest);
    let owned = await leases.owned({ readSequences: maySign });
    this.channelsOwned = owned.length;
    if (latest.sequence > this.handledLedger) {
      await this.afterLedger(owned, { latest, maySign });
      this.handledLedger = latest.sequence;
      owned = await leases.owned({ readSequences: maySign });
    }
    owned = await leases.share(owned);
    if (this.stopped || !maySign || !watch.isFresh()) return;
    const signed = await this.parts.signing.round(owned, latest, sending.room);
    this.parts.metrics.signed(signed.reduce((sum, one) => sum + one.payments, 0));
    sending.send(signed);
  }

  /** One turn; false when it failed. What it left undone, the next one finds in the database. */
  async tryTurn(): Promise<boolean> {
    try {
      await this.turn();
      return true;
    } catch (error) {
      // What was read may not have been recorded, and what was to be sent may not have been; the database knows.
      this.parts.feed.reset();
      this.handledLedger = 0;
      this.context.logger.error({ error }, 'a turn of the submission engine failed');
      return false;
    }
  }

  private async loop(): Promise<void> {
    while (!this.stopped) {
      this.woken = false;
      const hasWorked = await this.tryTurn();
      if (!hasWorked) this.woken = false;
      await this.rest(hasWorked ? SWEEP_MS : AFTER_ERROR_MS);
    }
  }

  private async rest(milliseconds: number): Promise<void> {
    if (this.woken || this.stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.resume = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.resume = null;
  }

  private async afterLedger(
    owned: readonly OwnedChannel[],
    { latest, maySign }: { readonly latest: LedgerHeader; readonly maySign: boolean },
  ): Promise<void> {
    const { watching, resending, sending, breaker, metrics, watch, leases } = this.parts;
    const watched = await watching.look(owned, latest);
    metrics.onTheWay(watched.flatMap(({ live }) => live));
    for (const { tenantId, live, settled, contradicted, unsure } of watched) {
      leases.distrust(unsure);
      breaker.record(tenantId, {
        applied: settled.applied,
        neverApplied: settled.neverApplied,
        ours: settled.oursToFix !== null,
      });
      metrics.settled(settled);
      metrics.contradicted(contradicted);
      if (settled.oursToFix !== null) this.alertHeld(tenantId, settled.oursToFix);
      if (this.stopped || !maySign || !watch.isFresh()) continue;
      sending.send(await resending.round(tenantId, live, latest));
    }
  }

  private async recordAnswers(): Promise<void> {
    const { sending } = this.parts;
    const answers = sending.takeAnswers();
    if (answers.length === 0) return;
    try {
      for (const [tenantId, own] of byTenant(answers)) await this.recordFor(tenantId, own);
    } finally {
      // Unrecorded answers are like unheard ones: the attempt is sent again after the next ledger.
      sending.recorded(answers);
    }
  }

  private async recordFor(tenantId: string, heard: readonly SentAnswer[]): Promise<void> {
    const { attempts, channels, submissions, holds, breaker, metrics } = this.parts;
    const ours = await this.context.uow.run(asTenant(tenantId), async (tx) => {
      const refused = heard.find((one) => one.answer === 'ours')?.refusalCode ?? null;
      // The lock comes before any row, as whoever holds payments takes it.
      if (refused !== null) await lockForHolding(tx);
      // What was taken over meanwhile is no longer ours to say anything about.
      const owned = await channels.lockOwnedAttempts(
        tx,
        this.context.instanceId,
        heard.map((one) => one.attemptId),
      );
      const answers = heard.filter((one) => owned.has(one.attemptId));
      if (answers.length === 0) return null;
      const code = answers.find((one) => one.answer === 'ours')?.refusalCode ?? null;
      if (code !== null) await holdForOwnCause(tx, holds, code);
      const lost = await attempts.recordAnswers(tx, answers);
      if (lost.length > 0) await submissions.loseTrack(tx, lost);
      return code;
    });
    for (const { answer } of heard) metrics.answered(answer);
    if (ours === null) return;
    breaker.record(tenantId, { applied: 0, neverApplied: 0, ours: true });
    this.alertHeld(tenantId, ours);
  }

  private alertHeld(tenantId: string, code: string): void {
    this.context.logger.error(
      { tenantId, code },
      'a tenant is held: its paying account or key must be mended, no payment fails for it',
    );
  }
}

function byTenant(answers: readonly SentAnswer[]): ReadonlyMap<string, readonly SentAnswer[]> {
  const tenants = new Map<string, SentAnswer[]>();
  for (const one of answers) tenants.set(one.tenantId, [...(tenants.get(one.tenantId) ?? []), one]);
  return tenants;
}
