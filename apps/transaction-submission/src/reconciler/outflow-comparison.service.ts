import { cursorAfterLedger, type LedgerHeader, type Outflow, OUTFLOW_LIMIT_MAX } from '@libs/ledger';
import type { Finding, KnownAttempt, ReconciliationRepository } from '@libs/submissions';

import { inBatches } from '../bounded';
import type { EngineContext } from '../engine-context';
import { ledgerOfToken } from '../watching/seen-transactions';
import { compareOutflows } from './comparison.policy';

export interface Stretch {
  readonly account: string;
  /** Compared after this ledger … */
  readonly after: number;
  /** … up to this one, which the answering node must have ingested. */
  readonly upTo: LedgerHeader;
  /** How many pages of ledger transactions are read, unless a single ledger needs more. */
  readonly pagesMax: number;
  /** Seconds for which an applied attempt may still be open in our books. */
  readonly patienceSeconds: number;
}

export interface Compared {
  readonly findings: readonly Finding[];
  /** The last ledger that was compared whole. */
  readonly until: number;
  /** Whether that is all there was to compare. */
  readonly isComplete: boolean;
  /** Whether more can be compared at once; not what waits until our books have it. */
  readonly hasMore: boolean;
  readonly outflows: number;
  /** What it took to read them. */
  readonly pages: number;
}

/** Each hash may stand for a hundred payments. */
const HASHES_AT_ONCE = 100;
/** No further page is read after so many operations, so that what is compared at once stays small. */
const OUTFLOWS_AT_ONCE = 10_000;

/**
 * Compares a stretch of ledgers of one paying account with our books, in whole ledgers. The account's ledger transactions are
 * read, whose envelopes say each payment that they made: a call for up to a hundred of them, however many each pays.
 */
export class OutflowComparison {
  constructor(
    private readonly context: Pick<EngineContext, 'uow' | 'reader'>,
    private readonly books: ReconciliationRepository,
    /** Ledger transactions in a page. */
    private readonly pageLimit = OUTFLOW_LIMIT_MAX,
  ) {}

  async compare(stretch: Stretch): Promise<Compared> {
    const { account, after, upTo, patienceSeconds } = stretch;
    if (after >= upTo.sequence)
      return { findings: [], until: after, isComplete: true, hasMore: false, outflows: 0, pages: 0 };
    const { outflows, until, isLast, pages } = await this.read(stretch);
    const references = [...new Set(outflows.map(({ innerHash }) => innerHash))];
    const { attempts, own } = await this.context.uow.runSystem(
      'what was ordered from an account',
      async (tx) => {
        const known = new Map<string, KnownAttempt>(
          await this.books.appliedIn(tx, { account, from: after, to: until }),
        );
        for (const some of inBatches(references, HASHES_AT_ONCE)) {
          const stored = await this.books.attemptsOf(tx, some);
          for (const [reference, attempt] of stored) known.set(reference, attempt);
        }
        return {
          attempts: known,
          own: await this.books.ownAccounts(tx, [...new Set(outflows.map(({ to }) => to))]),
        };
      },
    );
    const { findings, openFrom } = compareOutflows({
      ...{ account, outflows, attempts, own, patienceSeconds },
      now: upTo.closedAt,
    });
    const compared = openFrom === null ? until : Math.min(until, openFrom - 1);
    return {
      findings,
      until: compared,
      isComplete: isLast && compared === until,
      hasMore: !isLast && compared === until,
      outflows: outflows.length,
      pages,
    };
  }

  /** What left the account in whole ledgers: the last one of a page may go on in the next. */
  private async read({ account, after, upTo, pagesMax }: Stretch): Promise<{
    readonly outflows: readonly Outflow[];
    readonly until: number;
    readonly isLast: boolean;
    readonly pages: number;
  }> {
    const outflows: Outflow[] = [];
    let cursor = cursorAfterLedger(after);
    for (let pages = 1; ; pages += 1) {
      const page = await this.context.reader.outflowsOf(account, {
        cursor,
        notBefore: upTo.sequence,
        limit: this.pageLimit,
      });
      outflows.push(...page.outflows);
      cursor = page.cursor;
      const whole = page.isLast ? upTo.sequence : Math.min(upTo.sequence, ledgerOf(cursor) - 1);
      const isLast = page.isLast || ledgerOf(cursor) > upTo.sequence;
      const isEnough = pages >= pagesMax || outflows.length >= OUTFLOWS_AT_ONCE;
      if (isLast || (isEnough && whole > after))
        return { outflows: outflows.filter(({ ledger }) => ledger <= whole), until: whole, isLast, pages };
    }
  }
}

const ledgerOf = (cursor: string): number => ledgerOfToken(BigInt(cursor));
