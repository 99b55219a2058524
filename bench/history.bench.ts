import { type Benchmark, type BenchmarkReport, medianOf, rounded } from './benchmark';
import { addHistory } from './system/history';
import { MainJobSystem } from './system/main-job';
import { cpuPerPayment, type PaidFile, paidSentence, payFile } from './system/main-job-run';
import { addYears } from './system/payments-of-years';
import { UNLIMITED } from './system/sandbox-network';

const CHANNELS = 100;
const WARM_UP = 1_000;
const RUNS = { full: 3, quick: 1 };
const HISTORY = { full: 1_000_000, quick: 20_000 };
const RECEIVERS_SHARE = 5;

/**
 * The main job before and after a million finished payments are there: payments of people and disbursements, and submissions with
 * their attempts. From the upload to the last payment, on a ledger without limits.
 */
export const historyBenchmark: Benchmark = async ({
  n,
  quick,
  tell,
  profileFolder,
}): Promise<BenchmarkReport> => {
  const system = await MainJobSystem.start({ channels: CHANNELS, tell, profileFolder });
  try {
    let from = 0;
    const pay = async (count: number): Promise<PaidFile> => {
      const paid = await payFile(system, { n: count, from, pace: UNLIMITED });
      from += count;
      tell(paidSentence(paid));
      return paid;
    };
    const runs = async (): Promise<readonly PaidFile[]> => {
      const done: PaidFile[] = [];
      for (let run = 0; run < (quick ? RUNS.quick : RUNS.full); run += 1) done.push(await pay(n));
      return done;
    };
    await pay(Math.min(n, WARM_UP));
    const before = figuresOf(await runs());
    const payments = quick ? HISTORY.quick : HISTORY.full;
    tell(`adding ${String(payments)} finished payments`);
    const { organisation, sql, postgres } = system.staff;
    await addYears(sql, organisation, {
      payments,
      receivers: Math.ceil(payments / RECEIVERS_SHARE),
      ended: true,
    });
    await addHistory({ database: postgres }, { tenantId: organisation.tenantId, payments });
    const after = figuresOf(await runs());
    return {
      id: 'history',
      n,
      metrics: {
        finishedPayments: payments,
        millisecondsWithout: rounded(before.milliseconds),
        millisecondsWith: rounded(after.milliseconds),
        timesSlower: rounded(after.milliseconds / before.milliseconds, 2),
        cpuMicrosecondsWithout: rounded(before.cpu),
        cpuMicrosecondsWith: rounded(after.cpu),
      },
      targets: { timesSlower: { atMost: 1.3 } },
    };
  } finally {
    await system.stop();
  }
};

const figuresOf = (runs: readonly PaidFile[]): { readonly milliseconds: number; readonly cpu: number } => ({
  milliseconds: medianOf(runs.map((run) => run.milliseconds)),
  cpu: medianOf(runs.map(cpuPerPayment)),
});
