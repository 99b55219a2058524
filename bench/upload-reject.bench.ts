import { once } from 'node:events';
import { Readable } from 'node:stream';

import { csvRecords } from '../libs/disbursements/src/upload/csv-records';
import { HeldFile } from '../libs/disbursements/src/upload/held-file';
import { type FileKind, readHeader } from '../libs/disbursements/src/upload/instruction-columns.policy';
import { InstructionReader } from '../libs/disbursements/src/upload/instruction.policy';
import { LineMistakes } from '../libs/disbursements/src/upload/line-mistakes';
import { UploadProgress } from '../libs/disbursements/src/upload/upload-progress';
import { type Benchmark, type BenchmarkReport, medianOf, mustBe, rounded } from './benchmark';
import { peopleFile } from './people';
import { StaffSystem } from './staff-system';
import { residentBytesOf } from './system/resident-memory';

/** As many as show what a process takes that has worked for a while: each side gets quicker for its first ten files. */
const RUNS = { full: 25, quick: 1 };
const KIND: FileKind = { contactType: 'PHONE_NUMBER', verificationField: 'DATE_OF_BIRTH' };
const TIMES_CSV_TARGET = 1.2;
/** A file of more rows is copied before all of it is known to be right, as it is not held in memory. */
const ROWS_HELD = 10_000;
const MEMORY_TARGET = 64;
const MEBIBYTE = 2 ** 20;

/** What is wrong with a file: one row, or each. */
type Wrong = 'one' | 'all';

/**
 * Files that are refused: with one wrong row at the end, and with nothing but wrong rows. From the request to the refusal, over
 * HTTP to the app's own process, beside what parsing and validating the bytes of each takes; nothing may be there afterwards. Then
 * the table of everything that is wrong in the second one, and what memory it takes.
 */
export const uploadRejectBenchmark: Benchmark = async ({
  n,
  quick,
  tell,
  profileFolder,
}): Promise<BenchmarkReport> => {
  tell('starting PostgreSQL and dashboard-api');
  const system = await StaffSystem.start(profileFolder);
  try {
    const right = peopleFile(n - 1, 0).content;
    const oneWrong = `${right}+254799999999,P-LAST,-1,1990-01-30,\n`;
    const allWrong = peopleFile(n, n).content.replaceAll(/,([0-9.]+),(?=[0-9]{4}-)/g, ',-$1,');
    const id = await system.createDisbursement();
    await system.refused(id, peopleFile(1_000, 2 * n).content.replaceAll('P-', ','));
    const runs = quick ? RUNS.quick : RUNS.full;
    const alone: Record<Wrong, number[]> = { one: [], all: [] };
    const refused: Record<Wrong, number[]> = { one: [], all: [] };
    for (let run = 1; run <= runs; run += 1) {
      for (const [wrong, content, mistakes] of [
        ['one', oneWrong, 1],
        ['all', allWrong, n],
      ] as const) {
        alone[wrong].push(await readAlone(content, n, mistakes));
        refused[wrong].push(await refusedWith(system, id, content, mistakes));
      }
    }
    const table = await tableOf(system, id);
    mustBe('lines of the table', table.lines, n + 1);
    await system.checkInvariants();
    const perRow = (values: readonly number[]): number => (medianOf(values) * 1_000) / n;
    const timesOfCsv = (wrong: Wrong): number => rounded(perRow(refused[wrong]) / perRow(alone[wrong]), 2);
    tell(
      `${String(timesOfCsv('one'))} × csv for one wrong row, ${String(timesOfCsv('all'))} × for nothing else`,
    );
    return {
      id: 'upload-reject',
      n,
      metrics: {
        oneWrongCsvMicrosecondsPerRow: rounded(perRow(alone.one)),
        oneWrongMicrosecondsPerRow: rounded(perRow(refused.one)),
        oneWrongTimesOfCsv: timesOfCsv('one'),
        allWrongCsvMicrosecondsPerRow: rounded(perRow(alone.all)),
        allWrongMicrosecondsPerRow: rounded(perRow(refused.all)),
        allWrongTimesOfCsv: timesOfCsv('all'),
        tableMicrosecondsPerRow: rounded((table.milliseconds * 1_000) / n),
        tableMemoryMiB: rounded(table.memoryBytes / MEBIBYTE),
      },
      targets: {
        ...(n > ROWS_HELD
          ? {}
          : {
              oneWrongTimesOfCsv: { atMost: TIMES_CSV_TARGET },
              allWrongTimesOfCsv: { atMost: TIMES_CSV_TARGET },
            }),
        tableMemoryMiB: { atMost: MEMORY_TARGET },
      },
    };
  } finally {
    await system.stop();
  }
};

/**
 * Milliseconds of the parser and the validator alone, in this process: everything that a file is refused for without asking the database,
 * people who are there twice and numbers that no telephone has included.
 */
async function readAlone(content: string, rows: number, wrong: number): Promise<number> {
  const bytes = Readable.from([Buffer.from(content)]);
  const startedAt = performance.now();
  const mistakes = new LineMistakes();
  const held = new HeldFile(KIND, { mistakes, progress: new UploadProgress() });
  let reader: InstructionReader | null = null;
  let line = 1;
  for await (const cells of csvRecords(bytes)) {
    if (reader === null) {
      const places = readHeader(cells, KIND);
      if (!places.ok) throw new Error(places.error);
      reader = new InstructionReader(KIND, places.value, mistakes, new Date());
      continue;
    }
    line += 1;
    held.add({ line, cells, ...reader.read(line, cells) });
  }
  held.judge(new Set());
  const milliseconds = performance.now() - startedAt;
  mustBe('rows that were read alone', line - 1, rows);
  mustBe('mistakes that were found alone', mistakes.count, wrong);
  return milliseconds;
}

/** Milliseconds until the refusal, after the database was seen to hold nothing of it. */
async function refusedWith(
  system: StaffSystem,
  disbursementId: string,
  content: string,
  mistakes: number,
): Promise<number> {
  const refusal = await system.refused(disbursementId, content);
  mustBe('wrong rows', refusal.mistakes, mistakes);
  const { rows } = await system.sql.query<Record<string, string>>(
    `SELECT (SELECT count(*) FROM receivers.receivers) AS people, (SELECT count(*) FROM disbursements.payments) AS payments`,
  );
  mustBe('people of refused files', rows[0]?.['people'], '0');
  mustBe('payments of refused files', rows[0]?.['payments'], '0');
  return refusal.milliseconds;
}

/** Reads the table of everything that is wrong, and looks at the process meanwhile. */
async function tableOf(
  system: StaffSystem,
  disbursementId: string,
): Promise<{ readonly lines: number; readonly milliseconds: number; readonly memoryBytes: number }> {
  const before = residentBytesOf(system.appPid);
  let most = before;
  const startedAt = performance.now();
  const body = await system.errorsOf(disbursementId);
  let lines = 0;
  body.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) lines += 1;
    most = Math.max(most, residentBytesOf(system.appPid));
  });
  await once(body, 'end');
  return { lines, milliseconds: performance.now() - startedAt, memoryBytes: most - before };
}
