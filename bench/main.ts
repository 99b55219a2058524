import { parseArgs } from 'node:util';

import {
  type Benchmark,
  type BenchmarkReport,
  InvariantFailedError,
  machine,
  passes,
  reached,
  type Target,
} from './benchmark';
import { drainBenchmark } from './drain.bench';
import { drainHistoryBenchmark } from './drain-history.bench';
import { drainUnlimitedBenchmark } from './drain-unlimited.bench';
import { fairnessBenchmark } from './fairness.bench';
import { recoverBenchmark } from './recover.bench';
import { signBenchmark } from './sign.bench';
import { uploadBenchmark } from './upload.bench';

/** A benchmark, how much goes through it, and how little is enough to see that it runs and its invariants hold. */
interface Listed {
  readonly run: Benchmark;
  readonly n: number;
  readonly quickN: number;
}

const BENCHMARKS: Readonly<Record<string, Listed>> = {
  upload: { run: uploadBenchmark, n: 10_000, quickN: 500 },
  sign: { run: signBenchmark, n: 10_000, quickN: 1_000 },
  drain: { run: drainBenchmark, n: 10_000, quickN: 500 },
  'drain-unlimited': { run: drainUnlimitedBenchmark, n: 20_000, quickN: 500 },
  'drain-history': { run: drainHistoryBenchmark, n: 20_000, quickN: 1_000 },
  recover: { run: recoverBenchmark, n: 100_000, quickN: 3_000 },
  fairness: { run: fairnessBenchmark, n: 100_000, quickN: 5_000 },
};
const N_MAX = 1_000_000;
const ALL = 'all';

const USAGE = `npm run bench -- <${[...Object.keys(BENCHMARKS), ALL].join('|')}> [--n COUNT] [--quick] [--json] [--profile FOLDER]\n`;

interface Order {
  readonly benchmarks: readonly Listed[];
  readonly n: number | null;
  readonly quick: boolean;
  readonly json: boolean;
  readonly profileFolder: string | null;
}

/** Exit code 1: a target was missed, or a run has no figure. A quick run is too small to be held to the targets. */
async function main(): Promise<number> {
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
  for (const { run, n, quickN } of order.benchmarks) {
    const report = await run({
      n: order.n ?? (order.quick ? quickN : n),
      quick: order.quick,
      profileFolder: order.profileFolder,
      tell,
    });
    process.stdout.write(order.json ? jsonOf(report) : tableOf(report));
    if (!order.quick && !passes(report)) missed += 1;
  }
  return missed === 0 ? 0 : 1;
}

function readOrder(): Order | null {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        n: { type: 'string' },
        quick: { type: 'boolean' },
        json: { type: 'boolean' },
        profile: { type: 'string' },
      },
    });
    const benchmarks = chosen(positionals);
    const quick = values.quick === true;
    const n = values.n === undefined ? null : Number(values.n);
    const isOrder = benchmarks.length > 0 && (n === null || (Number.isInteger(n) && n >= 1 && n <= N_MAX));
    return isOrder
      ? { benchmarks, n, quick, json: values.json === true, profileFolder: values.profile ?? null }
      : null;
  } catch {
    return null;
  }
}

function chosen(names: readonly string[]): readonly Listed[] {
  const [name] = names;
  if (names.length !== 1 || name === undefined) return [];
  if (name === ALL) return Object.values(BENCHMARKS);
  const benchmark = BENCHMARKS[name];
  return benchmark === undefined ? [] : [benchmark];
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

const sentenceOf = ({ atMost, atLeast }: Target): string =>
  atMost === undefined ? `at least ${String(atLeast)}` : `at most ${String(atMost)}`;

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
