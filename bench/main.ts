import { parseArgs } from 'node:util';

import {
  type Benchmark,
  type BenchmarkReport,
  InvariantFailedError,
  machine,
  passes,
  passesGates,
  reached,
} from './benchmark';
import { medianReport, PAGE, sentenceOf, writeSection } from './benchmarks-page';
import { accountsBenchmark } from './accounts.bench';
import { drainBenchmark } from './drain.bench';
import { drainHistoryBenchmark } from './drain-history.bench';
import { drainUnlimitedBenchmark } from './drain-unlimited.bench';
import { fairnessBenchmark } from './fairness.bench';
import { csvBenchmark } from './csv.bench';
import { e2eBenchmark } from './e2e.bench';
import { eventsBenchmark } from './events.bench';
import { exportBenchmark } from './export.bench';
import { historyBenchmark } from './history.bench';
import { httpBenchmark } from './http.bench';
import { loginBenchmark } from './login.bench';
import { overloadBenchmark } from './overload.bench';
import { readsBenchmark } from './reads.bench';
import { recoverBenchmark } from './recover.bench';
import { signBenchmark } from './sign.bench';
import { SOAK_PER_MINUTE, soakBenchmark } from './soak.bench';
import { startBenchmark } from './start.bench';
import { startUpBenchmark } from './start-up.bench';
import { tenantsBenchmark } from './tenants.bench';
import { uploadBenchmark, uploadKnownBenchmark } from './upload.bench';
import { uploadLocksBenchmark } from './upload-locks.bench';
import { uploadRejectBenchmark } from './upload-reject.bench';

/** A benchmark, how much goes through it, and how little is enough to see that it runs and its invariants hold. */
interface Listed {
  readonly run: Benchmark;
  readonly n: number;
  readonly quickN: number;
  /** How often it runs for the page; once where one run takes medians itself, or lasts until its figures are flat (`soak`). */
  readonly runs: number;
  /** How much goes through it in a minute, where it is asked to last so long. */
  readonly perMinute?: number;
}

const BENCHMARKS: Readonly<Record<string, Listed>> = {
  upload: { run: uploadBenchmark, n: 10_000, quickN: 2_000, runs: 1 },
  'upload-locks': { run: uploadLocksBenchmark, n: 20_000, quickN: 1_000, runs: 1 },
  'upload-reject': { run: uploadRejectBenchmark, n: 10_000, quickN: 1_000, runs: 1 },
  'upload-known': { run: uploadKnownBenchmark, n: 10_000, quickN: 500, runs: 1 },
  start: { run: startBenchmark, n: 100_000, quickN: 2_000, runs: 1 },
  e2e: { run: e2eBenchmark, n: 100_000, quickN: 2_000, runs: 3 },
  history: { run: historyBenchmark, n: 10_000, quickN: 1_000, runs: 1 },
  tenants: { run: tenantsBenchmark, n: 100_000, quickN: 3_000, runs: 3 },
  soak: { run: soakBenchmark, n: 5 * SOAK_PER_MINUTE, quickN: 200, runs: 1, perMinute: SOAK_PER_MINUTE },
  overload: { run: overloadBenchmark, n: 5_000, quickN: 500, runs: 3 },
  sign: { run: signBenchmark, n: 10_000, quickN: 1_000, runs: 1 },
  drain: { run: drainBenchmark, n: 10_000, quickN: 500, runs: 3 },
  'drain-unlimited': { run: drainUnlimitedBenchmark, n: 20_000, quickN: 500, runs: 1 },
  'drain-history': { run: drainHistoryBenchmark, n: 20_000, quickN: 1_000, runs: 1 },
  recover: { run: recoverBenchmark, n: 100_000, quickN: 6_000, runs: 3 },
  fairness: { run: fairnessBenchmark, n: 100_000, quickN: 5_000, runs: 3 },
  http: { run: httpBenchmark, n: 5_000, quickN: 500, runs: 1 },
  login: { run: loginBenchmark, n: 240, quickN: 24, runs: 3 },
  export: { run: exportBenchmark, n: 1_000_000, quickN: 10_000, runs: 1 },
  csv: { run: csvBenchmark, n: 1_000_000, quickN: 20_000, runs: 1 },
  events: { run: eventsBenchmark, n: 60_000, quickN: 2_000, runs: 3 },
  reads: { run: readsBenchmark, n: 1_000_000, quickN: 20_000, runs: 3 },
  accounts: { run: accountsBenchmark, n: 1_000, quickN: 100, runs: 3 },
  'start-up': { run: startUpBenchmark, n: 3, quickN: 1, runs: 1 },
};
const N_MAX = 1_000_000;
const ALL = 'all';

const RUNS_MAX = 20;

const USAGE = `npm run bench -- <${[...Object.keys(BENCHMARKS), ALL].join('|')}> [--n COUNT | --minutes COUNT] [--runs COUNT] [--quick] [--write] [--json] [--profile FOLDER]

  --n COUNT         how much goes through it
  --minutes COUNT   how long it lasts (soak)
  --runs COUNT      so many times, and the median of each figure
  --quick           small, to see that it runs and that its result is right; held to loose bounds only
  --write           writes the figures into ${PAGE}; "${ALL}" does, unless it is quick
  --json            one JSON object per benchmark on stdout instead of a table
  --profile FOLDER  the processes write CPU profiles there\n`;

interface Order {
  readonly ids: readonly string[];
  readonly n: number | null;
  /** Null for as many as the benchmark wants. */
  readonly runs: number | null;
  readonly writes: boolean;
  readonly quick: boolean;
  readonly json: boolean;
  readonly profileFolder: string | null;
}

/** Exit code 1: a target was missed, or a run has no figure. A quick run is too small to be held to the targets. */
async function main(): Promise<number> {
  if (process.argv.includes('--help')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const order = readOrder();
  if (order === null) {
    process.stderr.write(USAGE);
    return 2;
  }
  const tell = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  let missed = 0;
  // One after the other: each wants the machine for itself.
  for (const id of order.ids) {
    const { report, runs } = await measured(id, order, tell);
    process.stdout.write(order.json ? jsonOf(report) : tableOf(report));
    const size = report.n === BENCHMARKS[id]?.n ? undefined : report.n;
    if (order.writes) writeSection({ report, runs, size, command: commandOf(id, order) });
    if (!(order.quick ? passesGates(report) : passes(report))) missed += 1;
  }
  return missed === 0 ? 0 : 1;
}

async function measured(
  id: string,
  order: Order,
  tell: (line: string) => void,
): Promise<{ readonly report: BenchmarkReport; readonly runs: number }> {
  const listed = BENCHMARKS[id];
  if (listed === undefined) throw new Error(`no benchmark is called ${id}`);
  const { run, n, quickN, runs: wanted } = listed;
  const runs = order.runs ?? (order.writes ? wanted : 1);
  const reports: BenchmarkReport[] = [];
  for (let round = 1; round <= runs; round += 1) {
    if (runs > 1) tell(`${id}, run ${String(round)} of ${String(runs)}`);
    const report = await run({
      n: order.n ?? (order.quick ? quickN : n),
      quick: order.quick,
      profileFolder: order.profileFolder,
      tell,
    });
    reports.push(report);
  }
  return { report: medianReport(reports), runs };
}

/** What gives the same section again. */
function commandOf(id: string, { n, runs, quick }: Order): string {
  const options = [
    ...(n === null ? [] : [`--n ${String(n)}`]),
    ...(runs === null ? [] : [`--runs ${String(runs)}`]),
    ...(quick ? ['--quick'] : []),
  ];
  return ['npm run bench --', id, ...options, '--write'].join(' ');
}

function readOrder(): Order | null {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        n: { type: 'string' },
        minutes: { type: 'string' },
        runs: { type: 'string' },
        write: { type: 'boolean' },
        quick: { type: 'boolean' },
        json: { type: 'boolean' },
        profile: { type: 'string' },
      },
    });
    const ids = chosen(positionals);
    const quick = values.quick === true;
    const n = values.n === undefined ? countOf(ids, values.minutes) : Number(values.n);
    const runs = values.runs === undefined ? null : Number(values.runs);
    const isOrder = ids.length > 0 && isCount(n, N_MAX) && isCount(runs, RUNS_MAX);
    const writes = values.write === true || (positionals[0] === ALL && !quick);
    const [json, profileFolder] = [values.json === true, values.profile ?? null];
    return isOrder ? { ids, n, runs, quick, writes, json, profileFolder } : null;
  } catch {
    return null;
  }
}

/** What goes through a benchmark in so many minutes; NaN where it does not go by minutes. */
function countOf([id = '']: readonly string[], minutes: string | undefined): number | null {
  if (minutes === undefined) return null;
  return Math.round(Number(minutes) * (BENCHMARKS[id]?.perMinute ?? Number.NaN));
}

const isCount = (value: number | null, max: number): boolean =>
  value === null || (Number.isInteger(value) && value >= 1 && value <= max);

function chosen(names: readonly string[]): readonly string[] {
  const [name] = names;
  if (names.length !== 1 || name === undefined) return [];
  if (name === ALL) return Object.keys(BENCHMARKS);
  return name in BENCHMARKS ? [name] : [];
}

function jsonOf(report: BenchmarkReport): string {
  return `${JSON.stringify({ ...report, pass: passes(report), machine: machine() })}\n`;
}

function tableOf({ id, n, metrics, targets }: BenchmarkReport): string {
  const rows = Object.entries(metrics).map(([name, value]) => {
    const target = targets[name];
    const wanted = target === undefined ? '' : `${sentenceOf(target)} ${reached(value, target) ? '✓' : '✗'}`;
    return `  ${name.padEnd(26)} ${String(value).padStart(12)}   ${wanted}`.trimEnd();
  });
  return [`${id}, n = ${String(n)}`, ...rows, ''].join('\n');
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const isInvariant = error instanceof InvariantFailedError;
    process.stderr.write(
      isInvariant
        ? `There is no figure, because the result is wrong. ${error.message}\n`
        : `${String(error instanceof Error ? error.stack : error)}\n`,
    );
    process.exitCode = 1;
  },
);
