import type { LedgerHeader } from '@libs/ledger';
import {
  type Finding,
  type FindingRepository,
  isAgreedHistory,
  type ReconciliationRepository,
} from '@libs/submissions';

import type { EngineContext } from '../engine-context';
import { LIVE } from './comparison.policy';
import type { OutflowComparison } from './outflow-comparison.service';

export interface ReconcilerParts {
  readonly books: ReconciliationRepository;
  readonly findings: FindingRepository;
  readonly comparison: OutflowComparison;
  /** The host account, which tenants may share. */
  readonly host: string;
  readonly newest: () => LedgerHeader | null;
  /** Pages of ledger transactions that are read of one account in a run. */
  readonly pagesMax?: number;
}

export interface Reconciled {
  readonly accounts: number;
  readonly outflows: number;
  readonly payments: number;
  readonly fresh: readonly Finding[];
  /** Everything up to the newest ledger was compared; false when there is more to do. */
  readonly isComplete: boolean;
}

/** One run reads at most this much, so that it never stands in the way of paying. */
const ACCOUNTS_MAX = 50;
export const PAGES_MAX = 20;
export const PAID_MAX = 5_000;
/** Seconds. An attempt lives two minutes at most, and its end is recorded within a ledger or two. */
export const PATIENCE_SECONDS = 300;

/**
 * Compares our books with the ledger, always and a little at a time: what left each paying account with what was ordered,
 * what became SUCCESS with what proves it, and what is open with the time it has. It changes nothing but findings.
 */
export class Reconciler {
  private turnOf = 0;

  constructor(
    private readonly context: Pick<EngineContext, 'uow' | 'reader' | 'logger'>,
    private readonly parts: ReconcilerParts,
  ) {}

  async run(): Promise<Reconciled | null> {
    const latest = this.parts.newest();
    if (latest === null) return null;
    const accounts = await this.accountsOfThisRun(latest);
    // After a restore, the guard compares first: its findings say what is at stake.
    if (accounts === null) return null;
    const found: Finding[] = [];
    let outflows = 0;
    let isComplete = true;
    for (const [account, after] of accounts.chosen) {
      const compared = await this.compareAccount(account, after, latest);
      outflows += compared.outflows;
      isComplete &&= compared.isComplete;
      found.push(...compared.fresh);
    }
    const books = await this.compareBooks(latest);
    const fresh = [...found, ...books.fresh];
    for (const { kind, subject, tenantId, details } of fresh)
      this.context.logger.error(
        { kind, subject, tenantId, ...details },
        'the books and the ledger do not agree',
      );
    return {
      accounts: accounts.chosen.length,
      outflows,
      payments: books.payments,
      fresh,
      isComplete: isComplete && accounts.all && books.isComplete,
    };
  }

  /** The accounts in turn, with the ledger up to which each was compared. */
  private async accountsOfThisRun(
    latest: LedgerHeader,
  ): Promise<{ readonly chosen: readonly (readonly [string, number])[]; readonly all: boolean } | null> {
    const { books, host } = this.parts;
    const until = await this.context.uow.runSystem(
      'how far the paying accounts were compared',
      async (tx) => {
        if (!(await isAgreedHistory(tx))) return null;
        return await books.comparedUntil(tx, await books.payingAccounts(tx, host), latest.sequence);
      },
    );
    if (until === null) return null;
    const every = [...until];
    const start = every.length <= ACCOUNTS_MAX ? 0 : this.turnOf % every.length;
    this.turnOf = start + ACCOUNTS_MAX;
    const chosen = [...every.slice(start), ...every.slice(0, start)].slice(0, ACCOUNTS_MAX);
    return { chosen, all: chosen.length === every.length };
  }

  /** A stretch of ledgers after the other, until all is compared, or enough was read for this run. */
  private async compareAccount(
    account: string,
    after: number,
    upTo: LedgerHeader,
  ): Promise<Pick<Reconciled, 'fresh' | 'outflows' | 'isComplete'>> {
    const fresh: Finding[] = [];
    let [from, outflows, pagesMax] = [after, 0, this.parts.pagesMax ?? PAGES_MAX];
    for (;;) {
      const stretch = { account, after: from, upTo, pagesMax, patienceSeconds: PATIENCE_SECONDS };
      const compared = await this.parts.comparison.compare(stretch);
      outflows += compared.outflows;
      pagesMax -= compared.pages;
      // What was found is stored together with the position, so that nothing is passed by.
      fresh.push(...(await this.store(compared.findings, { account, ledger: compared.until })));
      if (!compared.hasMore || pagesMax <= 0) return { fresh, outflows, isComplete: compared.isComplete };
      from = compared.until;
    }
  }

  /** Returns those that are new. */
  private async store(
    found: readonly Finding[],
    position: { readonly account: string; readonly ledger: number },
  ): Promise<readonly Finding[]> {
    const { books, findings } = this.parts;
    return await this.context.uow.runSystem('what was found, and how far it was compared', async (tx) => {
      const fresh = await findings.report(tx, found);
      await books.saveCompared(tx, position.account, position.ledger);
      return fresh;
    });
  }

  private async compareBooks(latest: LedgerHeader): Promise<{
    readonly fresh: readonly Finding[];
    readonly payments: number;
    readonly isComplete: boolean;
  }> {
    const { books, findings } = this.parts;
    return await this.context.uow.runSystem(
      'payments without proof, attempts past their time',
      async (tx) => {
        const paid = await books.comparePaid(tx, PAID_MAX);
        const before = new Date(latest.closedAt.getTime() - PATIENCE_SECONDS * 1_000);
        const overdue = await books.overdue(tx, before);
        const found: Finding[] = [
          ...paid.unproven.map(({ tenantId, id, paymentId }): Finding => ({
            ...{ kind: 'unproven-success', subject: id, tenantId, details: { payment: paymentId } },
          })),
          ...overdue.map(({ tenantId, id, reference, maxTime, contradictedAt }): Finding => ({
            ...{ kind: 'overdue-attempt', subject: reference, tenantId },
            details: {
              attempt: id,
              transaction: reference,
              max_time: maxTime.toISOString(),
              contradicted_at: contradictedAt?.toISOString() ?? null,
            },
          })),
        ];
        const fresh = await findings.report(tx, found);
        const ended = await this.endedMeanwhile(tx);
        const again = await findings.report(tx, ended);
        return { fresh: [...fresh, ...again], payments: paid.count, isComplete: paid.count < PAID_MAX };
      },
    );
  }

  /** Closes what has settled since. An attempt that the ledger shows and that ended otherwise becomes a finding of its own. */
  private async endedMeanwhile(tx: Parameters<FindingRepository['open']>[0]): Promise<readonly Finding[]> {
    const { books, findings } = this.parts;
    const open = await findings.open(tx, { kinds: ['overdue-attempt', 'unsettled-payment'] });
    if (open.length === 0) return [];
    const statuses = await books.statusesOf(
      tx,
      open.map(({ subject }) => subject),
    );
    const ended = open.filter(({ subject }) => !LIVE.includes(statuses.get(subject) ?? 'STORED'));
    for (const kind of ['overdue-attempt', 'unsettled-payment'] as const) {
      const subjects = ended.filter((one) => one.kind === kind).map(({ subject }) => subject);
      await findings.close(tx, kind, subjects, 'system:reconciler');
    }
    return ended
      .filter(({ kind, subject }) => kind === 'unsettled-payment' && statuses.get(subject) !== 'APPLIED')
      .map(({ subject, tenantId, details }) => ({
        ...{ kind: 'unrecorded-payment', subject, tenantId },
        details: { ...details, status: statuses.get(subject) ?? null },
      }));
  }
}
