import { type LedgerHeader, LedgerUnreachableError, type LookupAnswer } from '@libs/ledger';
import {
  type AttemptRepository,
  freeDiscarded,
  type LiveAttempt,
  type OwnedChannel,
} from '@libs/submissions';

import { inParallel } from '../bounded';
import { asTenant, type EngineContext } from '../engine-context';
import type { SettledCount, SettlingService } from './settling.service';
import { SeenTransactions, type TransactionFeed } from './transaction-feed';

export interface WatchedTenant {
  readonly tenantId: string;
  /** Attempts that have no evidence yet. */
  readonly live: readonly LiveAttempt[];
  readonly settled: SettledCount;
  /** Channel accounts of attempts that were never applied: who knows what used their sequence numbers. */
  readonly unsure: readonly string[];
}

const LOOKUPS_AT_ONCE = 16;
/** After this many ledgers without a trace an attempt is looked up on its own: a node drops what waits longer. */
const LOOKUP_EVERY_LEDGERS = 4;

/** Finds evidence about live attempts after each ledger, and ends them by it. */
export class WatchingService {
  constructor(
    private readonly context: EngineContext,
    private readonly parts: {
      readonly attempts: AttemptRepository;
      readonly feed: TransactionFeed;
      readonly settling: SettlingService;
    },
  ) {}

  async look(owned: readonly OwnedChannel[], latest: LedgerHeader): Promise<readonly WatchedTenant[]> {
    const tenants = await this.liveByTenant(owned);
    const all = [...tenants.values()].flat();
    if (all.length === 0) return [];
    const seen = await this.readFeed(all);
    const watched: WatchedTenant[] = [];
    for (const [tenantId, attempts] of tenants) {
      const answers = await inParallel(attempts, LOOKUPS_AT_ONCE, async (attempt) => {
        const transaction = seen.about(attempt.query);
        const evidence =
          transaction === null ? null : this.context.submitter.evidence(attempt.query, transaction);
        if (evidence !== null) return { attempt, answer: evidence };
        return {
          attempt,
          answer: needsLookup(attempt, latest) ? await this.context.submitter.lookup(attempt.query) : NOT_YET,
        };
      });
      await this.reportContradictions(tenantId, answers);
      const found = answers.flatMap(({ attempt, answer }) =>
        answer.kind === 'notYet' ? [] : [{ attempt, evidence: answer }],
      );
      const settled = await this.parts.settling.settle(tenantId, found);
      const live = answers.flatMap(({ attempt, answer }) => (answer.kind === 'notYet' ? [attempt] : []));
      const unsure = found
        .filter(({ evidence }) => evidence.kind === 'expired' || evidence.kind === 'superseded')
        .map(({ attempt }) => attempt.query.channel);
      watched.push({ tenantId, live, settled, unsure });
    }
    return watched;
  }

  /** An account that cannot be read now hides evidence for a ledger or two; what is overdue is looked up all the same. */
  private async readFeed(attempts: readonly LiveAttempt[]): Promise<SeenTransactions> {
    try {
      return await this.parts.feed.read(attempts);
    } catch (error) {
      if (!(error instanceof LedgerUnreachableError)) throw error;
      this.context.logger.warn({ error }, 'the ledger could not be read');
      return new SeenTransactions();
    }
  }

  /** Reads what our channel accounts carry. A stored attempt that nobody is sending was left by a crash: it is unsent. */
  private async liveByTenant(
    owned: readonly OwnedChannel[],
  ): Promise<ReadonlyMap<string, readonly LiveAttempt[]>> {
    const ids = new Map<string, string[]>();
    const epochs = new Map<string, bigint>();
    for (const { liveTenant, liveAttempt, epoch } of owned) {
      if (liveTenant === null || liveAttempt === null) continue;
      ids.set(liveTenant, [...(ids.get(liveTenant) ?? []), liveAttempt]);
      epochs.set(liveAttempt, epoch);
    }
    const tenants = new Map<string, readonly LiveAttempt[]>();
    for (const [tenantId, attemptIds] of ids) {
      const live = await this.context.uow.run(asTenant(tenantId), async (tx) => {
        const attempts = await this.parts.attempts.live(tx, attemptIds);
        const unsent = attempts.filter((one) => one.status === 'STORED').map((one) => one.id);
        if (unsent.length > 0) {
          const discarded = await this.parts.attempts.discard(tx, unsent, 'left unsent');
          await freeDiscarded(tx, discarded, 'left unsent');
        }
        // Whoever stored it, what we write now carries our own epoch.
        return attempts
          .filter((one) => one.status !== 'STORED')
          .map((one) => ({ ...one, channelEpoch: epochs.get(one.id) ?? one.channelEpoch }));
      });
      tenants.set(tenantId, live);
    }
    return tenants;
  }

  private async reportContradictions(
    tenantId: string,
    answers: readonly { readonly attempt: LiveAttempt; readonly answer: LookupAnswer }[],
  ): Promise<void> {
    const contradicted = answers.flatMap(({ attempt, answer }) =>
      answer.kind === 'notYet' && answer.contradiction ? [attempt] : [],
    );
    if (contradicted.length === 0) return;
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
  }
}

const NOT_YET: LookupAnswer = { kind: 'notYet', contradiction: false };

function needsLookup(attempt: LiveAttempt, latest: LedgerHeader): boolean {
  if (attempt.contradicted || latest.closedAt > attempt.query.maxTime) return true;
  const waited = latest.sequence - (attempt.sentAtLedger ?? latest.sequence);
  return waited > 0 && waited % LOOKUP_EVERY_LEDGERS === 0;
}
