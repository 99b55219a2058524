import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { csvRecords } from '../libs/disbursements/src/upload/csv-records';
import { type FileKind, readHeader } from '../libs/disbursements/src/upload/instruction-columns.policy';
import { InstructionReader } from '../libs/disbursements/src/upload/instruction.policy';
import { LineMistakes } from '../libs/disbursements/src/upload/line-mistakes';
import { type Benchmark, type BenchmarkReport, medianOf, mustBe, rounded } from './benchmark';
import { peopleFile } from './people';

const RUNS = { full: 3, quick: 1 };
const PIECE = 10_000;
const MEMORY_LOOK_MS = 20;
const CORPUS = path.join('libs', 'disbursements', 'corpus');
const KIND: FileKind = { contactType: 'PHONE_NUMBER', verificationField: 'DATE_OF_BIRTH' };
/** A line of the corpus is at most 64 KiB long, and nobody waits for a refusal. */
const SLOWEST_OF_CORPUS_MS = 1_000;

interface Read {
  readonly rows: number;
  readonly cpuMicroseconds: number;
  /** The most that the process grew by while it read. */
  readonly memoryBytes: number;
}

/**
 * What it takes to parse and validate a file of people, from the bytes on disk to whom to pay how much: a hundredth, a tenth and
 * all of the rows. Every row is counted and the amounts add up. Then each file of the hostile corpus.
 */
export const csvBenchmark: Benchmark = async ({ n, quick, tell }): Promise<BenchmarkReport> => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'distributary-csv-'));
  try {
    const [small, middle, large] = [Math.ceil(n / 100), Math.ceil(n / 10), n];
    const medians: { readonly rows: number; readonly perRow: number; readonly memoryMiB: number }[] = [];
    for (const rows of [small, middle, large]) {
      const file = path.join(folder, `${String(rows)}.csv`);
      const total = await writePeople(file, rows);
      await readPeople(file, { rows: Math.min(rows, PIECE), total: null });
      const reads: Read[] = [];
      for (let run = 1; run <= (quick ? RUNS.quick : RUNS.full); run += 1) {
        reads.push(await readPeople(file, { rows, total }));
      }
      const perRow = medianOf(reads.map((one) => one.cpuMicroseconds / rows));
      const memoryMiB = medianOf(reads.map((one) => one.memoryBytes)) / 2 ** 20;
      medians.push({ rows, perRow, memoryMiB });
      tell(`${String(rows)} rows: ${perRow.toFixed(2)} µs a row, memory + ${memoryMiB.toFixed(1)} MiB`);
    }
    const [, tenth, all] = medians;
    const corpus = await readCorpus();
    tell(
      `${String(corpus.files)} hostile files, the slowest took ${String(Math.round(corpus.slowestMs))} ms`,
    );
    return {
      id: 'csv',
      n,
      metrics: {
        microsecondsPerRow: rounded(all?.perRow ?? Number.NaN, 2),
        exponent: rounded(1 + Math.log10((all?.perRow ?? Number.NaN) / (tenth?.perRow ?? Number.NaN)), 3),
        memoryMiB: rounded(all?.memoryMiB ?? Number.NaN),
        hostileFiles: corpus.files,
        hostileSlowestMs: rounded(corpus.slowestMs),
      },
      targets: {
        microsecondsPerRow: { atMost: 15 },
        exponent: { atMost: 1.02 },
        memoryMiB: { atMost: 64 },
        hostileSlowestMs: { atMost: SLOWEST_OF_CORPUS_MS },
      },
    };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
};

/** Returns the sum of all amounts, in stroops. */
async function writePeople(file: string, rows: number): Promise<bigint> {
  const out = fs.createWriteStream(file);
  let total = 0n;
  for (let from = 0; from < rows; from += PIECE) {
    const piece = peopleFile(Math.min(PIECE, rows - from), from);
    total += piece.total;
    const content = from === 0 ? piece.content : piece.content.slice(piece.content.indexOf('\n') + 1);
    if (!out.write(content)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
  return total;
}

/** Reads so many rows of the file; all of them when the total is given, which is checked then. */
async function readPeople(
  file: string,
  wanted: { readonly rows: number; readonly total: bigint | null },
): Promise<Read> {
  const memoryBefore = process.memoryUsage().rss;
  let memoryMost = memoryBefore;
  const look = setInterval(() => {
    memoryMost = Math.max(memoryMost, process.memoryUsage().rss);
  }, MEMORY_LOOK_MS);
  const before = process.cpuUsage();
  const mistakes = new LineMistakes();
  let [rows, total] = [0, 0n];
  let reader: InstructionReader | null = null;
  for await (const cells of csvRecords(fs.createReadStream(file))) {
    if (reader === null) {
      const places = readHeader(cells, KIND);
      if (!places.ok) throw new Error(places.error);
      reader = new InstructionReader(KIND, places.value, mistakes, new Date());
      continue;
    }
    rows += 1;
    total += reader.read(rows + 1, cells).instruction?.amount ?? 0n;
    if (rows >= wanted.rows && wanted.total === null) break;
  }
  const { user, system } = process.cpuUsage(before);
  clearInterval(look);
  memoryMost = Math.max(memoryMost, process.memoryUsage().rss);
  mustBe('rows', rows, wanted.rows);
  mustBe('mistakes', mistakes.count, 0);
  if (wanted.total !== null) mustBe('sum of all amounts', total, wanted.total);
  return { rows, cpuMicroseconds: user + system, memoryBytes: memoryMost - memoryBefore };
}

/** Each file of the corpus to its end or to its refusal. What the answers must be is tested where they are given. */
async function readCorpus(): Promise<{ readonly files: number; readonly slowestMs: number }> {
  let [files, slowestMs] = [0, 0];
  for (const folder of ['accepted', 'refused']) {
    for (const name of fs.readdirSync(path.join(CORPUS, folder)).filter((one) => one.endsWith('.csv'))) {
      const startedAt = performance.now();
      try {
        for await (const cells of csvRecords(fs.createReadStream(path.join(CORPUS, folder, name)))) {
          mustBe('cells of a record', Array.isArray(cells), true);
        }
      } catch (error) {
        mustBe(`refusal of ${name}`, error instanceof Error ? error.name : '', 'UnreadableFileError');
      }
      files += 1;
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    }
  }
  mustBe('corpus files', files > 0, true);
  return { files, slowestMs };
}
