import { type Benchmark, type BenchmarkReport, medianOf, rounded } from './benchmark';
import { drain, type Drained, sentenceOf } from './system/drain';
import { addHistory } from './system/history';
import { PaymentSystem } from './system/payment-system';
import { UNLIMITED } from './system/sandbox-network';

const CHANNELS = 200;
const WARM_UP = 2_000;
const RUNS = { full: 3, quick: 1 };
const HISTORY = { full: 1_000_000, quick: 50_000 };

/** The same drain before and after a million finished payments are there: what was paid once must not slow what is to be paid. */
export const drainHistoryBenchmark: Benchmark = async ({
  n,
  quick,
  tell,
  profileFolder,
}): Promise<BenchmarkReport> => {
  const system = await PaymentSystem.start({ channels: CHANNELS, tell, profileFolder });
  try {
    const tenantId = await system.addTenant('bench');
    const runs = async (): Promise<readonly Drained[]> => {
      const done: Drained[] = [];
      for (let run = 1; run <= (quick ? RUNS.quick : RUNS.full); run += 1) {
        done.push(await drain(system, { n, tenantId, pace: UNLIMITED }));
        tell(sentenceOf(done.at(-1) ?? ({} as Drained)));
      }
      return done;
    };
    await drain(system, { n: Math.min(n, WARM_UP), tenantId, pace: UNLIMITED });
    const without = await runs();
    const history = quick ? HISTORY.quick : HISTORY.full;
    tell(`adding ${String(history)} finished payments`);
    await addHistory(system, { tenantId, payments: history });
    const withHistory = await runs();
    const [before, after] = [figuresOf(without), figuresOf(withHistory)];
    return {
      id: 'drain-history',
      n,
      metrics: {
        finishedPayments: history,
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

function figuresOf(runs: readonly Drained[]): { readonly milliseconds: number; readonly cpu: number } {
  return {
    milliseconds: medianOf(runs.map((run) => run.milliseconds)),
    cpu: medianOf(runs.map(({ n, cpuMs }) => ((cpuMs.submission + cpuMs.postgres) * 1_000) / n)),
  };
}
