import { type Benchmark, type BenchmarkReport, medianOf, mustBe, rounded } from './benchmark';
import { StaffSystem } from './staff-system';
import { Child } from './system/child-process';
import { cpuMsOf } from './system/cpu-time';
import { Load } from './system/load';

const ROUNDS = { full: 5, quick: 1 };
const CLIENTS = 8;
const WARM_UP = 500;
/** Its answer is a list that is in the code: what it costs is the way there and back. */
const PATH = '/registration-contact-types';
const BARE = 'bench/naive/bare-route-process.js';

/**
 * What every request of staff costs before it does anything: session, user, tenant, limit, metrics, trace. Microseconds of CPU over
 * those of a bare route of the same framework that gives the same answer. Both take turns; median of five rounds.
 */
export const httpBenchmark: Benchmark = async ({
  n,
  quick,
  tell,
  profileFolder,
}): Promise<BenchmarkReport> => {
  tell('starting PostgreSQL and dashboard-api');
  const system = await StaffSystem.start(profileFolder);
  const bare = Child.spawn({
    name: 'bare-route',
    script: BARE,
    environment: { NODE_ENV: 'production', ROUTE: PATH },
    profileFolder,
  });
  const token = await system.token();
  const ours = new Load(new URL(system.url), { authorization: `Bearer ${token}` }, CLIENTS);
  let theirs: Load | null = null;
  try {
    const port = await bare.said((line) => (typeof line['port'] === 'number' ? line['port'] : undefined));
    const naked = new Load(new URL(`http://127.0.0.1:${String(port)}`), {}, CLIENTS);
    theirs = naked;
    mustBe('answer of the bare route', (await naked.ask(PATH)).body, (await ours.ask(PATH)).body);
    const paths = Array.from({ length: n }, () => PATH);
    for (const load of [ours, naked]) await load.askAll(paths.slice(0, WARM_UP));
    const rounds: { readonly app: number; readonly postgres: number; readonly bare: number }[] = [];
    for (let round = 1; round <= (quick ? ROUNDS.quick : ROUNDS.full); round += 1) {
      const before = { app: cpuMsOf(system.appPid), postgres: system.postgresCpuMs() };
      await ours.askAll(paths);
      const after = { app: cpuMsOf(system.appPid), postgres: system.postgresCpuMs() };
      const bareBefore = cpuMsOf(bare.pid);
      await naked.askAll(paths);
      const perRequest = (milliseconds: number): number => (milliseconds * 1_000) / n;
      rounds.push({
        app: perRequest(after.app - before.app),
        postgres: perRequest(after.postgres - before.postgres),
        bare: perRequest(cpuMsOf(bare.pid) - bareBefore),
      });
      tell(`µs per request: ${JSON.stringify(rounds.at(-1))}`);
    }
    for (const line of await system.dearest(6)) tell(line);
    const [app, postgres, without] = [
      medianOf(rounds.map((one) => one.app)),
      medianOf(rounds.map((one) => one.postgres)),
      medianOf(rounds.map((one) => one.bare)),
    ];
    return {
      id: 'http',
      n,
      metrics: {
        appCpuMicroseconds: rounded(app),
        bareCpuMicroseconds: rounded(without),
        appCpuMicrosecondsOverBare: rounded(app - without),
        postgresCpuMicroseconds: rounded(postgres),
      },
      targets: {
        appCpuMicrosecondsOverBare: { atMost: 250 },
        postgresCpuMicroseconds: { atMost: 150 },
      },
    };
  } finally {
    ours.close();
    theirs?.close();
    await bare.stop();
    await system.stop();
  }
};
