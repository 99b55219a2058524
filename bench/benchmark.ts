import os from 'node:os';

/** What one run of a benchmark prints. */
export interface BenchmarkReport {
  readonly id: string;
  readonly n: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly targets: Readonly<Record<string, Target>>;
  /** Looser, for a small run on a machine that does other things as well; without them a quick run only has to be right. */
  readonly gates?: Readonly<Record<string, Target>>;
}

/** What a metric must reach on a quiet machine. */
export interface Target {
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface BenchmarkOptions {
  /** How many things go through: rows, payments, … */
  readonly n: number;
  /** Small and once, to see that it runs and its invariants hold: the figures say little. */
  readonly quick: boolean;
  /** Where the processes of the platform write CPU profiles when they end; null for none. */
  readonly profileFolder: string | null;
  /** Where to say what is going on, a line at a time. */
  readonly tell: (line: string) => void;
}

export type Benchmark = (options: BenchmarkOptions) => Promise<BenchmarkReport>;

/** A run in which something was lost, doubled or added up wrong has no figure. */
export class InvariantFailedError extends Error {
  override readonly name = 'InvariantFailedError';
}

export function mustBe(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) {
    throw new InvariantFailedError(`${what}: ${String(found)} instead of ${String(expected)}`);
  }
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The value that this share of all values does not exceed (nearest rank). */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const rounded = (value: number, decimals = 1): number =>
  Math.round(value * 10 ** decimals) / 10 ** decimals;

export const reached = (metric: number | undefined, { atMost, atLeast }: Target): boolean =>
  metric !== undefined &&
  (atMost === undefined || metric <= atMost) &&
  (atLeast === undefined || metric >= atLeast);

export const passes = ({ metrics, targets }: BenchmarkReport): boolean =>
  Object.entries(targets).every(([name, target]) => reached(metrics[name], target));

export const passesGates = ({ metrics, gates = {} }: BenchmarkReport): boolean =>
  Object.entries(gates).every(([name, gate]) => reached(metrics[name], gate));

/** Figures mean little without the machine that they come from, and what else it was doing. */
export function machine(): Readonly<Record<string, string | number>> {
  const cpus = os.cpus();
  const [load = 0] = os.loadavg();
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    loadAverage: Math.round(load * 100) / 100,
  };
}
