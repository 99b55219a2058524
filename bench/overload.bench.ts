import http from 'node:http';

import {
  type Benchmark,
  type BenchmarkReport,
  InvariantFailedError,
  mustBe,
  quantileOf,
  rounded,
} from './benchmark';
import { StaffSystem } from './staff-system';
import { type Outcome, StaffRequests } from './system/staff-requests';

const CLIENTS = 32;
const WARM_UP = 300;
const TIMES_SUSTAINABLE = 5;
const SECONDS = { full: 60, quick: 5 };
const TICK_MS = 10;
/** Who waits for longer has gone away. */
const IN_TIME_MS = 2_000;
/** Nobody goes away while the best is looked for. */
const PATIENCE_MS = 60_000;
const SOCKETS_MAX = 4_000;
const GOODPUT_TARGET = 80;
const RECOVERY_SECONDS = 30;
const RECOVERED_SHARE = 0.8;

/**
 * As many requests a second as the staff API can do, of those that look and those that write, then five times as many whoever is answered or not, then none too many again:
 * how much of the best is still done in time, what the others are told, and how soon all is as before.
 */
export const overloadBenchmark: Benchmark = async ({
  n,
  quick,
  tell,
  profileFolder,
}): Promise<BenchmarkReport> => {
  tell('starting PostgreSQL and dashboard-api');
  const system = await StaffSystem.start(profileFolder);
  try {
    const requests = await StaffRequests.prepare(system);
    await rateOf(requests, WARM_UP);
    const best = await rateOf(requests, n);
    const seconds = quick ? SECONDS.quick : SECONDS.full;
    const perSecond = Math.round(best * TIMES_SUSTAINABLE);
    tell(`${String(Math.round(best))} requests a second; now ${String(perSecond)} for ${String(seconds)} s`);
    const outcomes = await storm(requests, { perSecond, seconds });
    const { good, shed } = judged(outcomes);
    const goodput = good.length / seconds;
    tell(`done in time ${String(good.length)}, refused ${String(shed)}, of ${String(outcomes.length)}`);
    const stoppedAt = performance.now();
    let again = 0;
    while (again < best * RECOVERED_SHARE) {
      if (performance.now() - stoppedAt > 2 * RECOVERY_SECONDS * 1_000)
        throw new InvariantFailedError(`it does ${String(Math.round(again))} requests a second long after`);
      // What is still refused is not recovered.
      again = await rateOf(requests, Math.ceil(n / 4)).catch(() => 0);
    }
    await system.checkInvariants();
    return {
      id: 'overload',
      n,
      metrics: {
        bestPerSecond: rounded(best),
        askedPerSecond: perSecond,
        goodputPerSecond: rounded(goodput),
        goodputPercent: rounded((goodput / best) * 100),
        goodP99Ms: rounded(
          quantileOf(
            good.map((one) => one.milliseconds),
            0.99,
          ),
        ),
        refused: shed,
        recoveredSeconds: rounded((performance.now() - stoppedAt) / 1_000),
      },
      targets: {
        goodputPercent: { atLeast: GOODPUT_TARGET },
        recoveredSeconds: { atMost: RECOVERY_SECONDS },
      },
      gates: { recoveredSeconds: { atMost: 2 * RECOVERY_SECONDS } },
    };
  } finally {
    await system.stop();
  }
};

/** Of so many, by clients each of which asks again as soon as it has its answer. Throws where one is refused. */
async function rateOf(requests: StaffRequests, count: number): Promise<number> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });
  const startedAt = performance.now();
  let asked = 0;
  const work = async (): Promise<void> => {
    while (asked < count) {
      const from = asked++;
      const { status, said } = await requests.ask(from, { agent, from, patienceMs: PATIENCE_MS });
      if (!isGood(status))
        throw new InvariantFailedError(`a request was answered by ${String(status)}: ${said}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: CLIENTS }, work));
  } finally {
    agent.destroy();
  }
  return (count / (performance.now() - startedAt)) * 1_000;
}

const isGood = (status: number): boolean => status === 200 || status === 201;

/** Every answer is the right one, or a refusal that says when to ask again; nobody is told of an error of ours. */
function judged(outcomes: readonly Outcome[]): { readonly good: readonly Outcome[]; readonly shed: number } {
  const refusals = outcomes.filter(({ status }) => status === 503 || status === 429);
  mustBe(
    'refusals that do not say when to ask again',
    refusals.filter((one) => one.retryAfter === undefined).length,
    0,
  );
  const wrong = outcomes.filter(
    ({ status }) => !isGood(status) && status !== 503 && status !== 429 && status !== 0,
  );
  mustBe(
    'answers of another kind',
    wrong
      .map(({ status, said }) => `${String(status)} ${said}`)
      .join(' ')
      .slice(0, 300),
    '',
  );
  return {
    good: outcomes.filter(({ status, milliseconds }) => isGood(status) && milliseconds <= IN_TIME_MS),
    shed: refusals.length,
  };
}

/** Asks so often whatever becomes of the requests before; each from another address. Status 0: not answered. */
async function storm(
  requests: StaffRequests,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<readonly Outcome[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });
  const outcomes: Outcome[] = [];
  const waiting = new Set<Promise<void>>();
  const startedAt = performance.now();
  for (let asked = 0; asked < perSecond * seconds;) {
    const due = Math.min(perSecond * seconds, ((performance.now() - startedAt) / 1_000) * perSecond);
    for (; asked < due; asked += 1) {
      const asking = { agent, from: asked, patienceMs: 3 * IN_TIME_MS };
      const one: Promise<void> = requests.ask(asked, asking).then((outcome) => {
        outcomes.push(outcome);
        waiting.delete(one);
      });
      waiting.add(one);
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  await Promise.all(waiting);
  agent.destroy();
  return outcomes;
}
