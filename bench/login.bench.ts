import { type Benchmark, type BenchmarkReport, quantileOf, rounded } from './benchmark';
import { StaffSystem } from './staff-system';
import { Load } from './system/load';

const SIGN_INS_PER_SECOND = 8;
const SECONDS = { full: 30, quick: 3 };
/** Others at work meanwhile: each asks again as soon as it has its answer, and then reads for a while. */
const CLIENTS = 10;
const READS_FOR_MS = 50;
const PATHS = ['/disbursements', '/payments', '/receivers', '/profile', '/wallets'];

/**
 * Eight people a second sign in, with argon2id as in production, while others work: how long the others' requests take, beside
 * what they take while nobody signs in.
 */
export const loginBenchmark: Benchmark = async ({ quick, tell, profileFolder }): Promise<BenchmarkReport> => {
  tell('starting PostgreSQL and dashboard-api');
  const system = await StaffSystem.start(profileFolder);
  const token = await system.token();
  const load = new Load(new URL(system.url), { authorization: `Bearer ${token}` }, CLIENTS);
  const seconds = quick ? SECONDS.quick : SECONDS.full;
  try {
    await load.askAll(Array.from({ length: 200 }, (_, index) => PATHS[index % PATHS.length] ?? ''));
    await system.addColleagues(seconds * SIGN_INS_PER_SECOND);
    const alone = await workFor(load, seconds);
    tell(`nobody signs in: ${sentenceOf(alone)}`);
    const signIns: number[] = [];
    const [beside] = await Promise.all([workFor(load, seconds), signInFor(system, seconds, signIns)]);
    tell(`${String(signIns.length)} signed in: ${sentenceOf(beside)}`);
    return {
      id: 'login',
      n: signIns.length,
      metrics: {
        signInsPerSecond: rounded(signIns.length / seconds),
        signInP50Ms: rounded(quantileOf(signIns, 0.5)),
        signInP99Ms: rounded(quantileOf(signIns, 0.99)),
        othersP99MsWithout: rounded(quantileOf(alone, 0.99)),
        othersP50Ms: rounded(quantileOf(beside, 0.5)),
        othersP99Ms: rounded(quantileOf(beside, 0.99)),
        othersPerSecond: rounded(beside.length / seconds),
      },
      targets: { othersP99Ms: { atMost: 100 }, signInsPerSecond: { atLeast: SIGN_INS_PER_SECOND } },
    };
  } finally {
    load.close();
    await system.stop();
  }
};

async function workFor(load: Load, seconds: number): Promise<readonly number[]> {
  const until = performance.now() + seconds * 1_000;
  const took: number[] = [];
  const work = async (client: number): Promise<void> => {
    for (let turn = client; performance.now() < until; turn += 1) {
      took.push((await load.ask(PATHS[turn % PATHS.length] ?? '')).milliseconds);
      await pause(READS_FOR_MS);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => work(client)));
  return took;
}

/** Begins at fixed times, however long each takes: a slow server does not get fewer. */
async function signInFor(system: StaffSystem, seconds: number, took: number[]): Promise<void> {
  const startedAt = performance.now();
  const all: Promise<void>[] = [];
  for (let index = 0; index < seconds * SIGN_INS_PER_SECOND; index += 1) {
    await pause(startedAt + (index * 1_000) / SIGN_INS_PER_SECOND - performance.now());
    const began = performance.now();
    const signIn = system.signIn(index).then(() => {
      took.push(performance.now() - began);
    });
    // Told when all have ended; without a listener until then it would end the process, and leave the others running.
    signIn.catch(() => undefined);
    all.push(signIn);
  }
  await Promise.all(all);
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)));
}

const sentenceOf = (took: readonly number[]): string =>
  `${String(took.length)} requests of others, p50 ${String(rounded(quantileOf(took, 0.5)))} ms, p99 ${String(rounded(quantileOf(took, 0.99)))} ms`;
