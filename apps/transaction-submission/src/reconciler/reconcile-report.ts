import type { LedgerHeader, LedgerReader } from '@libs/ledger';
import type { UnitOfWork } from '@libs/persistence';
import { type FindingRepository, type ReconciliationRepository, type StoredFinding } from '@libs/submissions';

import type { OutflowComparison } from './outflow-comparison.service';
import { PAGES_MAX, PAID_MAX, PATIENCE_SECONDS } from './reconciler.service';

export interface ReportParts {
  readonly uow: UnitOfWork;
  readonly reader: LedgerReader;
  readonly books: ReconciliationRepository;
  readonly findings: FindingRepository;
  readonly comparison: OutflowComparison;
  readonly host: string;
}

export interface Report {
  /** What was compared again, after and up to these ledgers. */
  readonly afterLedger: number | null;
  readonly upToLedger: number;
  readonly accounts: number;
  readonly outflows: number;
  readonly payments: number;
  /** Everything that is open now, whoever found it and when. */
  readonly open: readonly StoredFinding[];
}

/**
 * Compares everything up to the newest ledger, to its end: from where the reconciler has come to, or again from `since`. What is
 * found is kept like any other finding.
 */
export async function reconcileNow(parts: ReportParts, since: Date | null): Promise<Report> {
  const { uow, reader, books, findings, comparison, host } = parts;
  const upTo = await reader.latestLedger();
  const afterLedger = since === null ? null : await lastLedgerBefore(reader, since, upTo);
  const accounts = await uow.runSystem('how far the paying accounts were compared', async (tx) => {
    return await books.comparedUntil(tx, await books.payingAccounts(tx, host), upTo.sequence);
  });
  let outflows = 0;
  for (const [account, compared] of accounts) {
    let after = afterLedger ?? compared;
    for (;;) {
      const stretch = { account, after, upTo, pagesMax: PAGES_MAX, patienceSeconds: PATIENCE_SECONDS };
      const done = await comparison.compare(stretch);
      outflows += done.outflows;
      await uow.runSystem('what was found', async (tx) => {
        await findings.report(tx, done.findings);
        // Comparing again from an earlier moment must not skip what lies between.
        if (after <= compared) await books.saveCompared(tx, account, done.until);
      });
      // What is still open is compared later, by whoever comes.
      if (done.isComplete || done.until === after) break;
      after = done.until;
    }
  }
  let payments = 0;
  for (let more = true; more;) {
    const page = await uow.runSystem('payments without proof', async (tx) => {
      const paid = await books.comparePaid(tx, PAID_MAX);
      await findings.report(
        tx,
        paid.unproven.map(({ tenantId, id, paymentId }) => ({
          ...{ kind: 'unproven-success', subject: id, tenantId, details: { payment: paymentId } },
        })),
      );
      return paid;
    });
    payments += page.count;
    more = page.count === PAID_MAX;
  }
  const open = await uow.runSystem('findings that are open', (tx) => findings.open(tx));
  return { afterLedger, upToLedger: upTo.sequence, accounts: accounts.size, outflows, payments, open };
}

/** The last ledger that closed before a moment, found by halving; ledgers that a node no longer keeps count as older. */
async function lastLedgerBefore(reader: LedgerReader, since: Date, latest: LedgerHeader): Promise<number> {
  if (latest.closedAt < since) return latest.sequence;
  let [before, after] = [0, latest.sequence];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    const ledger = await reader.ledger(middle);
    if (ledger === null || ledger.closedAt < since) before = middle;
    else after = middle;
  }
  return before;
}
