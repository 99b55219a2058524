import { InvariantFailedError, mustBe } from '../benchmark';
import { peopleFile } from '../people';
import { type CpuMs, type MainJobSystem, WORKERS } from './main-job';
import { RunWatch } from './run-watch';
import { type LedgerPace, UNLIMITED } from './sandbox-network';

export interface PaidFile {
  readonly n: number;
  /** From the request of the upload to the disbursement that is complete. */
  readonly milliseconds: number;
  readonly uploadMs: number;
  readonly startMs: number;
  readonly cpuMs: CpuMs;
  /** Of the apps together, each second. */
  readonly memoryBytes: readonly number[];
}

/** Uploads a file of people who are registered, starts it, and proves on the ledger that each was paid once before it says how long it took. */
export async function payFile(
  system: MainJobSystem,
  { n, from, pace }: { readonly n: number; readonly from: number; readonly pace: LedgerPace },
): Promise<PaidFile> {
  const { staff, network } = system;
  const file = peopleFile(n, from);
  const owed = await system.register(file);
  mustBe('people with a wallet', owed.size, n);
  await staff.sql.query('CHECKPOINT');
  await network.setPace(pace);
  const afterLedger = await network.latestLedger();
  const balance = await network.balanceOf(system.payer);
  const watch = new RunWatch(system);
  const cpuBefore = system.cpuMs();
  const startedAt = performance.now();
  const id = await system.publish(file);
  const uploadMs = performance.now() - startedAt;
  const startMs = await staff.setStatus(id, 'STARTED');
  await checkPromised(system, balance);
  await system.until(id, 'everybody is paid', `status = 'COMPLETED'`);
  const milliseconds = performance.now() - startedAt;
  const cpuAfter = system.cpuMs();
  const memoryBytes = await watch.stop();
  await network.setPace(UNLIMITED);
  await system.checkPaid(id, owed, { afterLedger, balance });
  await checkNothingLeft(system);
  const cpuMs = Object.fromEntries(WORKERS.map((one) => [one, cpuAfter[one] - cpuBefore[one]])) as CpuMs;
  return { n, milliseconds, uploadMs, startMs, cpuMs, memoryBytes };
}

/** I11: what is promised was there before the first payment of it. */
async function checkPromised({ staff }: MainJobSystem, balance: bigint): Promise<void> {
  const row = await staff.postgres.one(
    'SELECT sum(reserved - released) AS promised FROM disbursements.fund_reservations',
  );
  mustBe('I11: whether no more is promised than was there', BigInt(row['promised'] ?? 0) <= balance, true);
}

/** One dispatch per payment at submission, each with its outcome, and no event that nobody could handle. */
async function checkNothingLeft({ staff }: MainJobSystem): Promise<void> {
  const row = await staff.postgres.one(
    `SELECT (SELECT count(*) FROM submissions.submissions WHERE status NOT IN ('SUCCESS', 'WITHDRAWN')) AS submissions,
            (SELECT count(*) FROM submissions.attempts WHERE ended_at IS NULL) AS attempts,
            (SELECT count(*) FROM disbursements.work_items) AS work,
            (SELECT count(*) FROM disbursements.payments WHERE disputed) AS disputed,
            (SELECT count(*) FROM eventing.dead_letters) AS letters`,
  );
  for (const what of ['submissions', 'attempts', 'work', 'disputed', 'letters']) {
    if (row[what] !== '0') throw new InvariantFailedError(`${what} that are left: ${String(row[what])}`);
  }
}

/** Microseconds of CPU of the apps and of PostgreSQL for one payment. */
export const cpuPerPayment = ({ n, cpuMs }: PaidFile): number =>
  ((cpuMs.dashboardApi + cpuMs.core + cpuMs.submission + cpuMs.postgres) * 1_000) / n;

/** One line about a run, for whoever watches. */
export function paidSentence(paid: PaidFile): string {
  const { n, milliseconds, uploadMs, startMs, cpuMs } = paid;
  const shares = WORKERS.map((one) => `${one} ${String(Math.round((cpuMs[one] * 1_000) / n))}`).join(', ');
  return (
    `${String(n)} people paid in ${String(Math.round(milliseconds))} ms (${String(Math.round((n / milliseconds) * 1_000))}/s): ` +
    `upload ${String(Math.round(uploadMs))} ms, start answered in ${String(Math.round(startMs))} ms; µs of CPU per payment: ${shares}`
  );
}
