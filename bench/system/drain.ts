import { medianOf, mustBe, quantileOf } from '../benchmark';
import { ownCpuMs } from './cpu-time';
import { checkInvariants } from './invariants';
import { makePayees, type Payee, totalOf } from './payees';
import type { PaymentSystem } from './payment-system';
import { type LedgerPace, UNLIMITED } from './sandbox-network';
import { ledgersPass } from './waiting';

export interface DrainOptions {
  readonly n: number;
  readonly tenantId: string;
  readonly pace: LedgerPace;
  /** Hands over so many payments per second; as fast as it goes without. */
  readonly perSecond?: number;
}

export interface Drained {
  readonly n: number;
  /** From before the first hand-over to the last outcome. */
  readonly milliseconds: number;
  /** Of one payment, from its hand-over to its outcome. */
  readonly latency: { readonly p50: number; readonly p90: number; readonly p99: number };
  readonly calls: Readonly<Record<string, number>>;
  /** Inner ledger transactions. */
  readonly attempts: number;
  /** What was signed and posted for them: the first one of each, and fee bumps of those that others outbid. */
  readonly envelopes: number;
  /** Operations in each ledger that closed meanwhile. */
  readonly ledgers: readonly number[];
  readonly cpuMs: {
    readonly submission: number;
    readonly postgres: number;
    readonly sandbox: number;
    /** Of the benchmark itself: handing over and counting. */
    readonly bench: number;
  };
}

/** Longer than what any envelope may wait for its ledger. */
const PATIENCE_MS = 150_000;

/** Has n payments to n people made, and proves on the ledger that each was made once before it says how long it took. */
export async function drain(system: PaymentSystem, options: DrainOptions): Promise<Drained> {
  const { dispatcher, network, database } = system;
  const { n, tenantId, pace, perSecond } = options;
  const payees = await fundedPayees(system, n);
  await setPaceAndWait(system, pace);
  const before = await stateBefore(system);
  await database.sql.query('CHECKPOINT');
  await database.sql.query('SELECT pg_stat_statements_reset()');
  await network.forgetRequests();
  dispatcher.forget();
  const cpuBefore = cpuOf(system);
  const startedAt = performance.now();
  if (perSecond === undefined) await dispatcher.dispatch(tenantId, payees);
  else await dispatcher.dispatchSteadily(tenantId, payees, perSecond);
  await dispatcher.completion(n, PATIENCE_MS);
  const milliseconds = dispatcher.completedAt - startedAt;
  const cpuAfter = cpuOf(system);
  const calls = await network.requests();
  await network.setPace(UNLIMITED);
  const attempts = await checkPaidOnce(system, before, payees);
  const envelopes = (await stateBefore(system)).envelopes - before.envelopes;
  const ledgers = (await network.operationsSince(before.ledger)).map((one) => one.operations);
  const latencies = dispatcher.latencies(payees);
  return {
    n,
    milliseconds,
    latency: { p50: medianOf(latencies), p90: quantileOf(latencies, 0.9), p99: quantileOf(latencies, 0.99) },
    calls,
    attempts,
    envelopes,
    ledgers,
    cpuMs: {
      submission: cpuAfter.submission - cpuBefore.submission,
      postgres: cpuAfter.postgres - cpuBefore.postgres,
      sandbox: cpuAfter.sandbox - cpuBefore.sandbox,
      bench: cpuAfter.bench - cpuBefore.bench,
    },
  };
}

/**
 * Returns in the middle of a ledger, as payments come: not right after one has closed, which would be good luck. The ledger
 * before it has the new size, which is how everybody knows how much fits.
 */
export async function setPaceAndWait(system: PaymentSystem, pace: LedgerPace): Promise<void> {
  await system.network.setPace(pace);
  await ledgersPass(system, 1);
  await new Promise((resolve) => setTimeout(resolve, pace.closeMs / 2));
}

/** People whose accounts exist. */
export async function fundedPayees(system: PaymentSystem, n: number): Promise<readonly Payee[]> {
  const payees = makePayees(n);
  await system.network.setPace(UNLIMITED);
  await system.network.createAccounts(payees.map((one) => one.destination));
  return payees;
}

/** What the ledger and the database have before the payments that are to be checked. */
export interface Before {
  readonly ledger: number;
  readonly balance: bigint;
  readonly submissions: number;
  readonly attempts: number;
  readonly envelopes: number;
}

export async function stateBefore({ network, database, payer }: PaymentSystem): Promise<Before> {
  const row = await database.one(
    `SELECT (SELECT count(*) FROM submissions.submissions) AS submissions,
            (SELECT count(*) FROM submissions.attempts) AS attempts,
            (SELECT count(*) FROM submissions.envelopes) AS envelopes`,
  );
  return {
    ledger: await network.latestLedger(),
    balance: await network.balanceOf(payer),
    submissions: Number(row['submissions']),
    attempts: Number(row['attempts']),
    envelopes: Number(row['envelopes']),
  };
}

/**
 * Each payment once, to the right person, of the right amount: by what was told, by what the database holds and by what the
 * ledger shows, down to the last stroop of the paying account's balance. Returns the number of ledger transactions it took.
 */
export async function checkPaidOnce(
  { network, database, dispatcher, payer }: PaymentSystem,
  before: Before,
  payees: readonly Payee[],
): Promise<number> {
  mustBe('wrong outcomes', dispatcher.problems().slice(0, 3).join('; '), '');
  const { payments, fees } = await network.paidBy(payer, before.ledger);
  checkPayments(payments, payees);
  const balance = await network.balanceOf(payer);
  mustBe('balance of the paying account', balance, before.balance - totalOf(payees) - fees);
  const stored = await database.one(
    `SELECT count(*) AS count, count(*) FILTER (WHERE status <> 'SUCCESS') AS open FROM submissions.submissions`,
  );
  mustBe('submissions', Number(stored['count']), before.submissions + payees.length);
  mustBe('submissions that are not paid', stored['open'], '0');
  const attempts = await database.one(
    `SELECT count(*) AS count, count(*) FILTER (WHERE ended_at IS NULL) AS live FROM submissions.attempts`,
  );
  mustBe('attempts that have not ended', attempts['live'], '0');
  await checkInvariants(database);
  return Number(attempts['count']) - before.attempts;
}

/** By what the ledger shows alone; also for payments that were not made by us. */
export function checkPayments(
  payments: readonly { readonly to: string; readonly amount: bigint }[],
  payees: readonly Payee[],
): void {
  mustBe('payments on the ledger', payments.length, payees.length);
  const owed = new Map(payees.map(({ destination, amount }) => [destination, amount]));
  for (const { to, amount } of payments) {
    mustBe(`payment to ${to}`, amount, owed.get(to));
    owed.delete(to);
  }
  mustBe('people who were not paid', owed.size, 0);
}

const cpuOf = (system: PaymentSystem): Drained['cpuMs'] => ({
  submission: system.submissionCpuMs(),
  postgres: system.database.cpuMs(),
  sandbox: system.network.cpuMs(),
  bench: ownCpuMs(),
});

export const sumOf = (calls: Readonly<Record<string, number>>): number =>
  Object.values(calls).reduce((sum, count) => sum + count, 0);

/** One line about a run, for whoever watches. */
export function sentenceOf({ n, milliseconds, cpuMs, calls, attempts, envelopes }: Drained): string {
  const us = (ms: number): string => String(Math.round((ms * 1_000) / n));
  return (
    `${String(n)} payments in ${String(Math.round(milliseconds))} ms (${String(Math.round((n / milliseconds) * 1_000))}/s), ` +
    `${String(attempts)} attempts, ${String(envelopes)} envelopes, µs of CPU per payment: submission ${us(cpuMs.submission)}, PostgreSQL ${us(cpuMs.postgres)}, ` +
    `sandbox ${us(cpuMs.sandbox)}, benchmark ${us(cpuMs.bench)}; calls ${JSON.stringify(calls)}`
  );
}
