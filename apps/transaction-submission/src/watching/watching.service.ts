import { type LedgerHeader, LedgerUnreachableError, type LookupAnswer } from '@libs/ledger';
import { type AttemptRepository, freeDiscarded, isAgreedHistory, type OwnedChannel } from '@libs/submissions';

import { inParallel } from '../bounded';
import { asTenant, type EngineContext } from '../engine-context';
import type { ResolvingService } from './resolving.service';
import type { SettledCount } from './settled-count';
import type { SettlingService } from './settling.service';
import { NOTHING_SEEN, type Seen, type TransactionFeed, type WatchedAttempt } from './transaction-feed';

export interface WatchedTenant {
  readonly tenantId: string;
  /** Attempts that have no evidence yet. */
  readonly live: readonly WatchedAttempt[];
  readonly settled: SettledCount;
  /** Attempts whose sequence number is found to be used by nothing that can be found, for the first time. */
  readonly contradicted: number;
  /** Channel accounts of attempts that were never applied: who knows what used their sequence numbers. */
  readonly unsure: readonly string[];
}

const LOOKUPS_AT_ONCE = 16;
/** What the feed covers is looked up on its own only this often: the feed is complete, and this is the belt beside it. */
const LOOKUP_EVERY_LEDGERS = 12;
/** What it does not cover, sooner: a node drops what waits longer than this. */
const LOOKUP_UNCOVERED_EVERY_LEDGERS = 4;

/** Finds evidence about live attempts after each ledger, and ends them by it. */
export class WatchingService {
  /** Attempts whose sequence number seems to be used by nothing, and the ledger since when. */
  private suspected = new Map<string, number>();

  constructor(
    private readonly context: EngineContext,
    private readonly parts: {
      readonly attempts: AttemptRepository;
      readonly feed: TransactionFeed;
      readonly settling: SettlingService;
      readonly resolving: ResolvingService;
    },
  ) {}

  async look(owned: readonly OwnedChannel[], latest: LedgerHeader): Promise<readonly WatchedTenant[]> {
    const tenants = await this.liveByTenant(owned);
    const all = [...tenants.values()].flat();
    const known = new Set(all.map(({ id }) => id));
    this.suspected = new Map([...this.suspected].filter(([id]) => known.has(id)));
    const seen = await this.readFeed(all, latest);
    const watched: WatchedTenant[] = [];
    for (const [tenantId, attempts] of tenants) {
      const answers = await inParallel(attempts, LOOKUPS_AT_ONCE, async (attempt) => {
        const transaction = seen.about(attempt.query);
        const evidence =
          transaction === null ? null : this.context.submitter.evidence(attempt.query, transaction);
        if (evidence !== null) return { attempt, answer: evidence };
        return {
          attempt,
          answer: this.needsLookup(attempt, latest, seen)
            ? await this.context.submitter.lookup(attempt.query)
            : NOT_YET,
        };
      });
      const contradicted = await this.reportContradictions(tenantId, answers, latest);
      const resolved = await this.parts.resolving.resolve(tenantId, answers, latest);
      const found = resolved.flatMap(({ attempt, answer }) =>
        answer.kind === 'notYet' ? [] : [{ attempt, evidence: answer }],
      );
      const settled = await this.parts.settling.settle(tenantId, found);
      const live = resolved.flatMap(({ attempt, answer }) => (answer.kind === 'notYet' ? [attempt] : []));
      const unsure = found
        .filter(({ evidence }) => evidence.kind === 'expired' || evidence.kind === 'superseded')
        .map(({ attempt }) => attempt.query.channel);
      watched.push({ tenantId, live, settled, contradicted, unsure });
    }
    await this.parts.feed.settled(latest);
    return watched;
  }

  /** A ledger that cannot be read now hides evidence for a ledger or two; what is overdue is looked up all the same. */
  private async readFeed(attempts: readonly WatchedAttempt[], latest: LedgerHeader): Promise<Seen> {
    try {
      return await this.parts.feed.read(attempts, latest);
    } catch (error) {
      if (!(error instanceof LedgerUnreachableError)) throw error;
      this.context.logger.warn({ error }, 'the ledger could not be read');
      return NOTHING_SEEN;
    }
  }

  /** Reads what our channel accounts carry. A stored attempt that nobody is sending was left by a crash: it is unsent. */
  private async liveByTenant(
    owned: readonly OwnedChannel[],
  ): Promise<ReadonlyMap<string, readonly WatchedAttempt[]>> {
    const ids = new Map<string, string[]>();
    const epochs = new Map<string, bigint>();
    for (const { liveTenant, liveAttempt, epoch } of owned) {
      if (liveTenant === null || liveAttempt === null) continue;
      ids.set(liveTenant, [...(ids.get(liveTenant) ?? []), liveAttempt]);
      epochs.set(liveAttempt, epoch);
    }
    const tenants = new Map<string, readonly WatchedAttempt[]>();
    for (const [tenantId, attemptIds] of ids) {
      const live = await this.context.uow.run(asTenant(tenantId), async (tx) => {
        const attempts = await this.parts.attempts.live(tx, attemptIds);
        const unsent = attempts.filter((one) => one.status === 'STORED').map((one) => one.id);
        // After a restore it may have been sent in the history that is lost.
        if (unsent.length > 0 && (await isAgreedHistory(tx))) {
          const discarded = await this.parts.attempts.discard(tx, unsent, 'left unsent');
          await freeDiscarded(tx, discarded, 'left unsent');
        }
        // Whoever stored it, what we write now carries our own epoch.
        return attempts
          .filter((one) => one.status !== 'STORED')
          .map((one) => {
            const channelEpoch = epochs.get(one.id) ?? one.channelEpoch;
            return { ...one, channelEpoch, inherited: channelEpoch !== one.channelEpoch };
          });
      });
      tenants.set(tenantId, live);
    }
    return tenants;
  }

  /** Nodes of different age behind one address may seem to contradict each other for a ledger or two. */
  private isSuspectedSince({ id }: WatchedAttempt, latest: LedgerHeader): boolean {
    const since = this.suspected.get(id) ?? latest.sequence;
    this.suspected.set(id, since);
    return since < latest.sequence;
  }

  private needsLookup(attempt: WatchedAttempt, latest: LedgerHeader, seen: Seen): boolean {
    if (attempt.contradicted || this.suspected.has(attempt.id)) return true;
    if (latest.closedAt > attempt.query.maxTime) return true;
    const waited = latest.sequence - (attempt.sentAtLedger ?? latest.sequence);
    const every = seen.covers(attempt) ? LOOKUP_EVERY_LEDGERS : LOOKUP_UNCOVERED_EVERY_LEDGERS;
    return waited > 0 && waited % every === 0;
  }

  /** Returns how many are new. */
  private async reportContradictions(
    tenantId: string,
    answers: readonly { readonly attempt: WatchedAttempt; readonly answer: LookupAnswer }[],
    latest: LedgerHeader,
  ): Promise<number> {
    const contradicted = answers.flatMap(({ attempt, answer }) =>
      answer.kind === 'notYet' && answer.contradiction && this.isSuspectedSince(attempt, latest)
        ? [attempt]
        : [],
    );
    if (contradicted.length === 0) return 0;
    for (const { id, query } of contradicted) {
      this.context.logger.error(
        { tenantId, attemptId: id, channel: query.channel, sequence: String(query.sequence) },
        'a sequence number is used by nothing that can be found',
      );
    }
    await this.context.uow.run(asTenant(tenantId), (tx) =>
      this.parts.attempts.contradict(
        tx,
        contradicted.map((one) => one.id),
      ),
    );
    return contradicted.filter((one) => !one.contradicted).length;
  }
}

const NOT_YET: LookupAnswer = { kind: 'notYet', contradiction: false };
