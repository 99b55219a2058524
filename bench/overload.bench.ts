import http from 'node:http';

import {
  type Benchmark,
  type BenchmarkReport,
  InvariantFailedError,
  mustBe,
  quantileOf,
  rounded,
} from './benchmark';
import { peopleFile } from './people';
import { StaffSystem } from './staff-system';
import { Load } from './system/load';

const CLIENTS = 32;
const WARM_UP = 300;
const TIMES_SUSTAINABLE = 5;
const SECONDS = { full: 60, quick: 5 };
const TICK_MS = 10;
/** Who waits for longer has gone away. */
const IN_TIME_MS = 2_000;
const SOCKETS_MAX = 4_000;
const GOODPUT_TARGET = 80;
const RECOVERY_SECONDS = 30;
const RECOVERED_SHARE = 0.8;

interface Outcome {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly milliseconds: number;
}

/**
 * As many requests a second as the staff API can do, then five times as many whoever is answered or not, then none too many again:
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
  const load = new Load(new URL(system.url), { authorization: `Bearer ${system.token}` }, CLIENTS);
  try {
    const id = await system.createDisbursement();
    await system.upload(id, peopleFile(100, 0).content);
    const path = `/disbursements/${id}`;
    const paths = Array.from({ length: n }, () => path);
    await load.askAll(paths.slice(0, WARM_UP));
    const best = await rateOf(load, paths);
    const seconds = quick ? SECONDS.quick : SECONDS.full;
    const perSecond = Math.round(best * TIMES_SUSTAINABLE);
    tell(`${String(Math.round(best))} requests a second; now ${String(perSecond)} for ${String(seconds)} s`);
    const outcomes = await storm(new URL(path, system.url), system.token, { perSecond, seconds });
    const { good, shed } = judged(outcomes);
    const goodput = good.length / seconds;
    tell(`done in time ${String(good.length)}, refused ${String(shed)}, of ${String(outcomes.length)}`);
    const stoppedAt = performance.now();
    let again = 0;
    while (again < best * RECOVERED_SHARE) {
      if (performance.now() - stoppedAt > 2 * RECOVERY_SECONDS * 1_000)
        throw new InvariantFailedError(`it does ${String(Math.round(again))} requests a second long after`);
      // What is still refused is not recovered.
      again = await rateOf(load, paths.slice(0, Math.ceil(n / 4))).catch(() => 0);
    }
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
    load.close();
    await system.stop();
  }
};

async function rateOf(load: Load, paths: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  await load.askAll(paths);
  return (paths.length / (performance.now() - startedAt)) * 1_000;
}

/** Every answer is the right one, or a refusal that says when to ask again; nobody is told of an error of ours. */
function judged(outcomes: readonly Outcome[]): { readonly good: readonly Outcome[]; readonly shed: number } {
  const refusals = outcomes.filter(({ status }) => status === 503 || status === 429);
  mustBe(
    'refusals that do not say when to ask again',
    refusals.filter((one) => one.retryAfter === undefined).length,
    0,
  );
  const wrong = outcomes.filter(
    ({ status }) => status !== 200 && status !== 503 && status !== 429 && status !== 0,
  );
  mustBe(
    'answers of another kind',
    wrong
      .map(({ status }) => status)
      .join(' ')
      .slice(0, 40),
    '',
  );
  return {
    good: outcomes.filter(({ status, milliseconds }) => status === 200 && milliseconds <= IN_TIME_MS),
    shed: refusals.length,
  };
}

/** Asks so often whatever becomes of the requests before; each from another address. Status 0: not answered. */
async function storm(
  url: URL,
  token: string,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<readonly Outcome[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });
  const outcomes: Outcome[] = [];
  const waiting = new Set<Promise<void>>();
  const startedAt = performance.now();
  for (let asked = 0; asked < perSecond * seconds;) {
    const due = Math.min(perSecond * seconds, ((performance.now() - startedAt) / 1_000) * perSecond);
    for (; asked < due; asked += 1) {
      const one: Promise<void> = ask(url, { agent, token, from: asked }).then((outcome) => {
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

function ask(
  url: URL,
  { agent, token, from }: { readonly agent: http.Agent; readonly token: string; readonly from: number },
): Promise<Outcome> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const told = (status: number, retryAfter?: string): void => {
      resolve({ status, retryAfter, milliseconds: performance.now() - startedAt });
    };
    const address = `10.${String((from >> 16) & 255)}.${String((from >> 8) & 255)}.${String(from & 255)}`;
    const request = http.get(
      url,
      { agent, headers: { authorization: `Bearer ${token}`, 'X-Forwarded-For': address } },
      (response) => {
        response.resume().on('end', () => {
          told(response.statusCode ?? 0, response.headers['retry-after']);
        });
        response.on('error', () => {
          told(0);
        });
      },
    );
    request.on('error', () => {
      told(0);
    });
    request.setTimeout(3 * IN_TIME_MS, () => {
      request.destroy();
    });
  });
}
