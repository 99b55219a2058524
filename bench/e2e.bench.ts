import { type Benchmark, type BenchmarkReport, rounded } from './benchmark';
import { ledgerBoundMs } from './system/ledger-bound';
import { MainJobSystem } from './system/main-job';
import { cpuPerPayment, paidSentence, payFile } from './system/main-job-run';
import { memoryCurve } from './system/run-watch';
import { type LedgerPace, PUBLIC, QUICK, UNLIMITED } from './system/sandbox-network';

const CHANNELS = 100;
const PAYMENTS_PER_ENVELOPE = 100;
const WARM_UP = 500;
/** A tenth of n is what the cost per payment is compared with, and what is paid on a ledger as the public network closes it. */
const SHARE = 10;

/**
 * A file of people who are registered, from its upload to the last payment: a tenth of n on a ledger of 5 s and 1,000 operations,
 * then a tenth and all of n on a ledger without limits. Whether it costs more per payment when there are more of them.
 */
export const e2eBenchmark: Benchmark = async ({
  n,
  quick,
  tell,
  profileFolder,
}): Promise<BenchmarkReport> => {
  const system = await MainJobSystem.start({ channels: CHANNELS, tell, profileFolder });
  try {
    const pace = quick ? QUICK : PUBLIC;
    const few = Math.max(1, Math.round(n / SHARE));
    let from = 0;
    const pay = async (count: number, on: LedgerPace): ReturnType<typeof payFile> => {
      const paid = await payFile(system, { n: count, from, pace: on });
      from += count;
      tell(paidSentence(paid));
      return paid;
    };
    await pay(Math.min(WARM_UP, n), UNLIMITED);
    const paced = await pay(few, pace);
    const boundMs = ledgerBoundMs(few, PAYMENTS_PER_ENVELOPE, pace);
    const some = await pay(few, UNLIMITED);
    const all = await pay(n, UNLIMITED);
    if (profileFolder !== null) for (const line of await system.staff.dearest(25)) tell(line);
    return {
      id: 'e2e',
      n,
      metrics: {
        pacedPeople: few,
        pacedSeconds: rounded(paced.milliseconds / 1_000),
        boundSeconds: rounded(boundMs / 1_000),
        timesBound: rounded(paced.milliseconds / boundMs, 2),
        unlimitedSeconds: rounded(all.milliseconds / 1_000),
        unlimitedPerSecond: rounded((n / all.milliseconds) * 1_000),
        uploadSeconds: rounded(all.uploadMs / 1_000, 2),
        startAnswerMs: rounded(all.startMs),
        cpuMicrosecondsOfFew: rounded(cpuPerPayment(some)),
        cpuMicroseconds: rounded(cpuPerPayment(all)),
        timesDearer: rounded(cpuPerPayment(all) / cpuPerPayment(some), 2),
        ...memoryCurve(all.memoryBytes),
      },
      targets: {
        timesBound: { atMost: 1.25 },
        unlimitedPerSecond: { atLeast: 1_000 },
        timesDearer: { atMost: 1.2 },
      },
    };
  } finally {
    await system.stop();
  }
};
