import { type Benchmark, type BenchmarkReport, rounded } from './benchmark';
import { drain, type Drained, sentenceOf, sumOf } from './system/drain';
import { ledgerBoundMs } from './system/ledger-bound';
import { naiveDrain, naiveShareOf } from './system/naive-drain';
import { PaymentSystem } from './system/payment-system';
import { PUBLIC } from './system/sandbox-network';

const CHANNELS = 100;
const PAYMENTS_PER_ENVELOPE = 100;
const STEADY_PER_SECOND = 100;
const STEADY_SECONDS = { full: 60, quick: 5 };
/** One payment per ledger transaction, two operations each with the fee bump, and no more than there are channel accounts. */
const NAIVE_PER_SECOND = (CHANNELS * 1_000) / PUBLIC.closeMs;

/**
 * The same work on a ledger of 5 s and 1,000 operations: how much of what the ledger can take we use. Then 100 payments a
 * second, as long as most people would watch: how long one of them waits.
 */
export const drainBenchmark: Benchmark = async ({
  n,
  quick,
  tell,
  profileFolder,
}): Promise<BenchmarkReport> => {
  const system = await PaymentSystem.start({ channels: CHANNELS, tell, profileFolder });
  try {
    const tenantId = await system.addTenant('bench');
    const boundMs = ledgerBoundMs(n, PAYMENTS_PER_ENVELOPE, PUBLIC);
    tell(`${String(n)} payments, which take this ledger at least ${String(boundMs / 1_000)} s`);
    const full = await drain(system, { n, tenantId, pace: PUBLIC });
    tell(sentenceOf(full));
    tell(`operations by ledger: ${full.ledgers.join(' ')}`);
    const seconds = quick ? STEADY_SECONDS.quick : STEADY_SECONDS.full;
    tell(`${String(STEADY_PER_SECOND)} payments a second for ${String(seconds)} s`);
    const steady = await drain(system, {
      n: STEADY_PER_SECOND * seconds,
      tenantId,
      pace: PUBLIC,
      perSecond: STEADY_PER_SECOND,
    });
    tell(sentenceOf(steady));
    const naiveN = naiveShareOf(n, NAIVE_PER_SECOND);
    tell(`naive: ${String(naiveN)} payments`);
    const naive = await naiveDrain(system, { n: naiveN, pace: PUBLIC });
    return {
      id: 'drain',
      n,
      metrics: {
        seconds: rounded(full.milliseconds / 1_000),
        boundSeconds: rounded(boundMs / 1_000),
        percentOfBound: rounded((boundMs / full.milliseconds) * 100),
        paymentsPerSecond: rounded((n / full.milliseconds) * 1_000),
        callsPerPayment: rounded(sumOf(full.calls) / n, 4),
        callsPerEnvelope: rounded(sumOf(full.calls) / full.envelopes, 2),
        callsPerAttempt: rounded(sumOf(full.calls) / full.attempts, 2),
        cpuMicrosecondsPerPayment: cpuOf(full),
        steadyPerSecond: STEADY_PER_SECOND,
        steadyP50Seconds: rounded(steady.latency.p50 / 1_000),
        steadyP90Seconds: rounded(steady.latency.p90 / 1_000),
        steadyP99Seconds: rounded(steady.latency.p99 / 1_000),
        steadyCallsPerPayment: rounded(sumOf(steady.calls) / steady.n, 4),
        naivePayments: naive.n,
        naiveSeconds: rounded(naive.milliseconds / 1_000),
        naiveCallsPerPayment: rounded(naive.calls / naive.n, 2),
        timesFasterThanNaive: rounded(naive.milliseconds / naive.n / (full.milliseconds / n)),
      },
      targets: {
        percentOfBound: { atLeast: 83 },
        callsPerPayment: { atMost: 0.03 },
        steadyP90Seconds: { atMost: 15 },
      },
    };
  } finally {
    await system.stop();
  }
};

const cpuOf = ({ n, cpuMs }: Drained): number => rounded(((cpuMs.submission + cpuMs.postgres) * 1_000) / n);
