import type { LedgerHeader } from '@libs/ledger';
import type { DatabaseIdentityRepository } from '@libs/submissions';

import { inParallel } from './bounded';
import type { EngineContext } from './engine-context';

/** No attempt can be applied longer than this after the ledger in which it was made, in seconds. */
const LIFETIME_SECONDS_MAX = 120;
const READS_AT_ONCE = 16;
const NAMED_MAX = 5;

/**
 * Stops signing when the database is another one, or another history of it, than when it last agreed with the ledger: a
 * restored backup has forgotten attempts that were sent since, and would pay them again.
 *
 * Signing goes on when every attempt that may have been forgotten has had its time, and the ledger shows no sequence number
 * of a channel account that our tables do not know of. What they do not know of, a person has to look into.
 */
export class RestoreGuard {
  private changedAt: LedgerHeader | null = null;
  private unknown: readonly string[] = [];
  private changed = true;

  constructor(
    private readonly context: Pick<EngineContext, 'uow' | 'reader' | 'logger'>,
    private readonly identity: DatabaseIdentityRepository,
  ) {}

  /** Looks whether the database is still the same, and when it is not, whether it agrees with the ledger by now. */
  async check(latest: LedgerHeader): Promise<boolean> {
    const { uow, logger } = this.context;
    const isAgreed = await uow.runSystem('is this the database that agreed with the ledger', (tx) =>
      this.identity.isAgreed(tx),
    );
    if (isAgreed) {
      this.changed = false;
      this.changedAt = null;
      this.unknown = [];
      return true;
    }
    if (this.changedAt === null) {
      this.changed = true;
      this.changedAt = latest;
      logger.error(
        { ledger: latest.sequence },
        'the database is not the one that last agreed with the ledger',
      );
    }
    const patience = this.changedAt.closedAt.getTime() + LIFETIME_SECONDS_MAX * 1_000;
    if (latest.closedAt.getTime() <= patience) return false;
    this.unknown = await this.unknownSequences();
    if (this.unknown.length > 0) return false;
    await uow.runSystem('the database agrees with the ledger', (tx) => this.identity.agree(tx));
    logger.warn({ ledger: latest.sequence }, 'the database agrees with the ledger: signing goes on');
    this.changed = false;
    this.changedAt = null;
    return true;
  }

  /** Why nothing is signed; none when nothing is wrong. */
  problems(): readonly string[] {
    if (!this.changed || this.changedAt === null) return [];
    if (this.unknown.length === 0) return ['the database was restored: it is being compared with the ledger'];
    const some = this.unknown.slice(0, NAMED_MAX).join(', ');
    return [`the ledger shows attempts that the database has forgotten, on ${some}: a person must look`];
  }

  /** Channel accounts of which the ledger has used more sequence numbers than we know. */
  private async unknownSequences(): Promise<readonly string[]> {
    const { uow, reader } = this.context;
    const known = await uow.runSystem('sequence numbers that we know of', (tx) =>
      this.identity.knownSequences(tx),
    );
    const checked = await inParallel(known, READS_AT_ONCE, async ({ address, sequence }) => {
      const account = await reader.account(address);
      return account !== null && account.sequence > (sequence ?? 0n) ? [address] : [];
    });
    return checked.flat();
  }
}
