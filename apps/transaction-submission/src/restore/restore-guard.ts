import { type LedgerHeader, LedgerUnreachableError } from '@libs/ledger';
import type { MetricsRegistry } from '@libs/observability';
import type {
  AttemptRepository,
  DatabaseIdentityRepository,
  Finding,
  FindingRepository,
  History,
} from '@libs/submissions';

import { asTenant, type EngineContext } from '../engine-context';
import { RESTORED_KINDS, type RestoreComparison } from './restore-comparison.service';

/** No attempt can be applied longer than this after the ledger in which it was made, in seconds; a slow node included. */
const LIFETIME_SECONDS_MAX = 150;
const NAMED_MAX = 5;

export interface RestoreGuardParts {
  readonly identity: DatabaseIdentityRepository;
  readonly attempts: AttemptRepository;
  readonly findings: FindingRepository;
  readonly comparison: RestoreComparison;
  readonly metrics: MetricsRegistry;
}

/**
 * Stops signing when the database is another one, or another history of it, than when it last agreed with the ledger: a
 * restored backup or a promoted standby has forgotten attempts that were sent since, and would pay them again.
 *
 * Signing goes on when every attempt that may have been forgotten has had its time, each channel account's sequence number
 * is one that our tables know of, and everything that left the paying accounts since was ordered by them. What they do not
 * know of is a finding; it waits for a person.
 */
export class RestoreGuard {
  private since: LedgerHeader | null = null;
  private why = '';
  private written = 0n;
  private comparedAt = 0;
  private unexplained = 0;
  private readonly agreed;

  constructor(
    private readonly context: Pick<EngineContext, 'uow' | 'logger'>,
    private readonly parts: RestoreGuardParts,
  ) {
    this.agreed = parts.metrics.gauge<never>({
      name: 'tss_database_agreed',
      help: '1 while the database is known to agree with the ledger; 0 after a restore or a failover, when nothing is signed. An alert.',
    });
  }

  /** Looks whether the database is still the same, and when it is not, whether it agrees with the ledger by now. */
  async check(latest: LedgerHeader): Promise<boolean> {
    const history = await this.look(latest);
    this.agreed.set({}, history.isAgreed ? 1 : 0);
    if (history.isAgreed) {
      this.since = null;
      this.unexplained = 0;
      return true;
    }
    if (this.since === null) await this.begin(latest, history);
    const from = this.since ?? latest;
    const patience = from.closedAt.getTime() + LIFETIME_SECONDS_MAX * 1_000;
    if (latest.closedAt.getTime() <= patience || latest.sequence <= this.comparedAt) return false;
    this.comparedAt = latest.sequence;
    return await this.compare(latest);
  }

  /**
   * The ledger has used sequence numbers that our tables do not know of, although nothing tells this database from the one
   * that agreed: it is a copy of its files from earlier, or somebody else has the keys.
   */
  async doubtSequences(addresses: readonly string[]): Promise<void> {
    const some = addresses.slice(0, NAMED_MAX).join(', ');
    await this.doubt(`the ledger has used more sequence numbers than the database knows, on ${some}`);
  }

  /** Why nothing is signed; none when nothing is wrong. */
  problems(): readonly string[] {
    if (this.since === null) return [];
    if (this.unexplained === 0) return [`${this.why}: it is being compared with the ledger`];
    return [
      `${this.why}, and the ledger shows ${String(this.unexplained)} things that it has forgotten: a person must look (npm run submissions -- restored)`,
    ];
  }

  private async doubt(why: string): Promise<void> {
    await this.context.uow.runSystem('the database seems to have forgotten something', (tx) =>
      this.parts.identity.doubt(tx, why),
    );
  }

  /** A server that has written down less for good than it had is not the one that it was. */
  private async look(latest: LedgerHeader): Promise<History> {
    const { identity } = this.parts;
    const history = await this.context.uow.runSystem(
      'is this the database that agreed with the ledger',
      (tx) => identity.look(tx, latest.sequence),
    );
    const isShorter = history.isAgreed && history.written < this.written;
    this.written = history.written;
    if (!isShorter) return history;
    const doubt = 'the database has lost the end of what it had written';
    await this.doubt(doubt);
    return { ...history, isAgreed: false, doubt };
  }

  /** What is stored and unsent in this history may have been sent in the one that is lost: from now on it counts as sent. */
  private async begin(latest: LedgerHeader, { doubt }: History): Promise<void> {
    const { uow, logger } = this.context;
    const { identity, attempts } = this.parts;
    this.why = doubt ?? 'the database was restored or promoted';
    logger.error(
      { ledger: latest.sequence, why: this.why },
      'the database is not the one that last agreed with the ledger: nothing is signed',
    );
    const stored = await uow.runSystem('attempts that may have been sent', (tx) => identity.stored(tx));
    for (const [tenantId, own] of Map.groupBy(stored, (one) => one.tenantId)) {
      await uow.run(asTenant(tenantId), (tx) =>
        attempts.markSent(
          tx,
          own.map(({ id }) => id),
          latest.sequence,
        ),
      );
    }
    this.comparedAt = 0;
    this.parts.comparison.beginAnew();
    this.since = latest;
  }

  private async compare(latest: LedgerHeader): Promise<boolean> {
    const { uow, logger } = this.context;
    const { comparison, identity } = this.parts;
    if (await this.waitsForPerson()) return false;
    try {
      const compared = await comparison.upTo(latest);
      await this.report(compared.findings);
      // Where there is more to read, the next turn goes on; what is open in our tables is settled after a ledger or two.
      if (compared.hasProgressed) this.comparedAt = 0;
      if (!compared.isComplete || (await this.waitsForPerson())) return false;
    } catch (error) {
      // What was read and not kept is read again.
      comparison.beginAnew();
      if (!(error instanceof LedgerUnreachableError)) throw error;
      logger.warn({ error }, 'the ledger cannot be compared with the restored database now');
      return false;
    }
    await uow.runSystem('the database agrees with the ledger', async (tx) => {
      await identity.agree(tx, latest.sequence);
      await comparison.keep(tx);
    });
    logger.warn({ ledger: latest.sequence }, 'the database agrees with the ledger: signing goes on');
    this.agreed.set({}, 1);
    this.since = null;
    return true;
  }

  /** What was found is not compared again before a person has closed it. */
  private async waitsForPerson(): Promise<boolean> {
    const open = await this.context.uow.runSystem('what the restored database has forgotten', (tx) =>
      this.parts.findings.open(tx, { kinds: RESTORED_KINDS }),
    );
    this.unexplained = open.length;
    return open.length > 0;
  }

  private async report(found: readonly Finding[]): Promise<void> {
    const fresh = await this.context.uow.runSystem('what the restored database has forgotten', (tx) =>
      this.parts.findings.report(tx, found),
    );
    for (const { kind, subject, tenantId, details } of fresh)
      this.context.logger.error(
        { kind, subject, tenantId, ...details },
        'the ledger shows what the restored database has forgotten',
      );
  }
}
