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
import { uploadBenchmark } from './upload.bench';

const BENCHMARKS: Readonly<Record<string, Benchmark>> = { upload: uploadBenchmark };
const N_DEFAULT = 10_000;
const N_MAX = 1_000_000;

const USAGE = `npm run bench -- <${Object.keys(BENCHMARKS).join('|')}> [--n ${String(N_DEFAULT)}] [--json]\n`;

/** Exit code 1: a target was missed, or the run has no figure. */
async function main(): Promise<number> {
  const order = readOrder();
  if (order === null) {
    process.stderr.write(USAGE);
    return 2;
  }
  const tell = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const report = await order.benchmark({ n: order.n, tell });
  process.stdout.write(order.json ? jsonOf(report) : tableOf(report));
  return passes(report) ? 0 : 1;
}

function readOrder(): {
  readonly benchmark: Benchmark;
  readonly n: number;
  readonly json: boolean;
} | null {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { n: { type: 'string' }, json: { type: 'boolean' } },
    });
    const benchmark = BENCHMARKS[positionals[0] ?? ''];
    const n = Number(values.n ?? N_DEFAULT);
    const isOrder = positionals.length === 1 && Number.isInteger(n) && n >= 1 && n <= N_MAX;
    return benchmark === undefined || !isOrder ? null : { benchmark, n, json: values.json === true };
  } catch {
    return null;
  }
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
