import { type Benchmark, type BenchmarkReport, medianOf, rounded } from './benchmark';
import { drain, type Drained, sentenceOf, sumOf } from './system/drain';
import { naiveDrain, type NaiveDrained, naiveShareOf } from './system/naive-drain';
import { PaymentSystem } from './system/payment-system';
import { UNLIMITED } from './system/sandbox-network';

const RUNS = 3;
const CHANNELS = 200;
const WARM_UP = 2_000;
/** One poll a second, and one payment for each channel account. */
const NAIVE_PER_SECOND = CHANNELS;

/**
 * From `ready_to_pay` to `payment_completed` on a ledger that takes everything and closes each 100 ms: what we cost, not what
 * the ledger does. Beside the naive submission on the same PostgreSQL and network. Median of three.
 */
export const drainUnlimitedBenchmark: Benchmark = async ({
  n,
  quick,
  tell,
  profileFolder,
}): Promise<BenchmarkReport> => {
  const system = await PaymentSystem.start({ channels: CHANNELS, tell, profileFolder });
  try {
    const tenantId = await system.addTenant('bench');
    // The first payments of a process compile code and open connections; no process is young for long.
    await drain(system, { n: Math.min(n, WARM_UP), tenantId, pace: UNLIMITED });
    const runs: Drained[] = [];
    for (let round = 1; round <= (quick ? 1 : RUNS); round += 1) {
      const run = await drain(system, { n, tenantId, pace: UNLIMITED });
      tell(sentenceOf(run));
      runs.push(run);
    }
    for (const line of await system.database.dearest(12)) tell(line);
    const naive = await naiveDrain(system, { n: naiveShareOf(n, NAIVE_PER_SECOND), pace: UNLIMITED });
    return { id: 'drain-unlimited', n, metrics: metricsOf(runs, naive), targets: TARGETS, gates: GATES };
  } finally {
    await system.stop();
  }
};

const TARGETS: BenchmarkReport['targets'] = {
  paymentsPerSecond: { atLeast: 2_000 },
  cpuMicrosecondsPerPayment: { atMost: 500 },
  timesFasterThanNaive: { atLeast: 8 },
};

const GATES: BenchmarkReport['targets'] = {
  cpuMicrosecondsPerPayment: { atMost: 1_000 },
  timesFasterThanNaive: { atLeast: 4 },
};

function metricsOf(runs: readonly Drained[], naive: NaiveDrained): Record<string, number> {
  const median = (of: (run: Drained) => number): number => medianOf(runs.map(of));
  const perPayment = (of: (run: Drained) => number): number =>
    rounded(median((run) => (of(run) * 1_000) / run.n));
  const perSecond = median((run) => (run.n / run.milliseconds) * 1_000);
  const naivePerSecond = (naive.n / naive.milliseconds) * 1_000;
  return {
    paymentsPerSecond: rounded(perSecond),
    cpuMicrosecondsPerPayment: perPayment(({ cpuMs }) => cpuMs.submission + cpuMs.postgres),
    submissionCpuMicroseconds: perPayment(({ cpuMs }) => cpuMs.submission),
    postgresCpuMicroseconds: perPayment(({ cpuMs }) => cpuMs.postgres),
    sandboxCpuMicroseconds: perPayment(({ cpuMs }) => cpuMs.sandbox),
    benchCpuMicroseconds: perPayment(({ cpuMs }) => cpuMs.bench),
    callsPerPayment: rounded(
      median((run) => sumOf(run.calls) / run.n),
      4,
    ),
    callsPerEnvelope: rounded(
      median((run) => sumOf(run.calls) / run.envelopes),
      2,
    ),
    callsPerAttempt: rounded(
      median((run) => sumOf(run.calls) / run.attempts),
      2,
    ),
    paymentsPerAttempt: rounded(median((run) => run.n / run.attempts)),
    latencyP50Ms: rounded(median(({ latency }) => latency.p50)),
    latencyP90Ms: rounded(median(({ latency }) => latency.p90)),
    latencyP99Ms: rounded(median(({ latency }) => latency.p99)),
    naivePayments: naive.n,
    naivePaymentsPerSecond: rounded(naivePerSecond),
    naiveCpuMicroseconds: rounded(((naive.cpuMs.submission + naive.cpuMs.postgres) * 1_000) / naive.n),
    naiveCallsPerPayment: rounded(naive.calls / naive.n, 2),
    timesFasterThanNaive: rounded(perSecond / naivePerSecond),
  };
}
