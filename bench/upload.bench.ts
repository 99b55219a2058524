import { formatAmount } from '@libs/kernel';

import { type Benchmark, type BenchmarkReport, medianOf, mustBe, rounded } from './benchmark';
import { naiveUpload } from './naive/upload';
import { type PeopleFile, peopleFile } from './people';
import { StaffSystem } from './staff-system';
import { addYears } from './system/payments-of-years';
import { residentBytesOf } from './system/resident-memory';

const RUNS = 3;
/** From so many rows on one run says enough. */
const ROWS_OF_ONE_RUN = 100_000;
const NAIVE_SHARE = 20;
const NAIVE_LONGEST_MS = 60_000;
const MEMORY_LOOK_MS = 50;
const MEBIBYTE = 2 ** 20;

const TIMES_FASTER_TARGET = 12;
const ROWS_OF_TARGET = 10_000;
const EXPONENT_TARGET = 1.05;
const MEMORY_TARGET = 64;
const TIMES_NEW_TARGET = 1.1;
/** People of other files, who are there before the first one comes. */
const STORED = { full: 1_000_000, quick: 20_000 };
const PAYMENTS_OF_STORED = 1_000;
/** Microseconds a row: 1.0 s for 10,000, 9 s for 100,000, 110 s for 1,000,000. */
const targetPerRow = (n: number): number => (n <= 10_000 ? 100 : n <= 100_000 ? 90 : 110);

/**
 * A file of people that nobody has seen before, from the request until it is published, over HTTP to the app's own process,
 * beside the naive upload on the same PostgreSQL in the same run; and a tenth of it, to see what more rows cost. Median of
 * three each, one where they are many.
 */
export const uploadBenchmark: Benchmark = async ({ n, tell, profileFolder }): Promise<BenchmarkReport> => {
  tell('starting PostgreSQL and dashboard-api');
  const system = await StaffSystem.start(profileFolder);
  try {
    const run = new UploadRun(system, tell);
    // The first upload of a process compiles code and opens connections; no user is first for long.
    await run.ours(Math.min(n, 1_000));
    const runs = n >= ROWS_OF_ONE_RUN ? 1 : RUNS;
    const naiveRows = await run.naiveSize(Math.min(n, ROWS_OF_TARGET));
    const [tenths, ours, naive]: [number[], number[], number[]] = [[], [], []];
    for (let round = 1; round <= runs; round += 1) tenths.push(await run.ours(Math.ceil(n / 10)));
    const memory = new MemoryWatch(system.appPid);
    for (let round = 1; round <= runs; round += 1) {
      ours.push(await run.ours(n));
      naive.push((await run.naive(naiveRows)) / naiveRows);
    }
    if (profileFolder !== null) for (const line of await system.dearest(20)) tell(line);
    await system.checkInvariants();
    const answerMs = medianOf(ours);
    const microsecondsPerRow = (answerMs * 1_000) / n;
    const tenthPerRow = (medianOf(tenths) * 1_000) / Math.ceil(n / 10);
    const naiveMicrosecondsPerRow = medianOf(naive) * 1_000;
    return {
      id: 'upload',
      n,
      metrics: {
        answerMs: rounded(answerMs),
        rowsPerSecond: rounded((n / answerMs) * 1_000),
        microsecondsPerRow: rounded(microsecondsPerRow),
        exponent: rounded(1 + Math.log10(microsecondsPerRow / tenthPerRow), 3),
        memoryMiB: rounded(memory.stop() / MEBIBYTE),
        naiveMicrosecondsPerRow: rounded(naiveMicrosecondsPerRow),
        naiveRows,
        timesFasterThanNaive: rounded(naiveMicrosecondsPerRow / microsecondsPerRow),
      },
      targets: {
        microsecondsPerRow: { atMost: targetPerRow(n) },
        exponent: { atMost: EXPONENT_TARGET },
        memoryMiB: { atMost: MEMORY_TARGET },
        timesFasterThanNaive: { atLeast: TIMES_FASTER_TARGET },
      },
      // Of a few hundred rows most is what any upload takes.
      gates: { timesFasterThanNaive: { atLeast: TIMES_FASTER_TARGET / 4 } },
    };
  } finally {
    await system.stop();
  }
};

/** The same people again, in another disbursement, beside people who are new, among a million who are stored. */
export const uploadKnownBenchmark: Benchmark = async ({
  n,
  quick,
  tell,
  profileFolder,
}): Promise<BenchmarkReport> => {
  tell('starting PostgreSQL and dashboard-api');
  const system = await StaffSystem.start(profileFolder);
  try {
    const receivers = quick ? STORED.quick : STORED.full;
    tell(`adding ${String(receivers)} people`);
    const { sql, organisation } = system;
    await addYears(sql, organisation, { payments: PAYMENTS_OF_STORED, receivers, ended: true });
    const run = new UploadRun(system, tell);
    await run.ours(Math.min(n, 1_000));
    const runs = n >= ROWS_OF_ONE_RUN ? 1 : RUNS;
    const [unknown, known]: [number[], number[]] = [[], []];
    for (let round = 1; round <= runs; round += 1) {
      unknown.push(await run.ours(n));
      known.push(await run.again());
    }
    await system.checkInvariants();
    const newPerRow = (medianOf(unknown) * 1_000) / n;
    const knownPerRow = (medianOf(known) * 1_000) / n;
    return {
      id: 'upload-known',
      n,
      metrics: {
        storedBefore: receivers,
        microsecondsPerRow: rounded(knownPerRow),
        newMicrosecondsPerRow: rounded(newPerRow),
        timesOfNew: rounded(knownPerRow / newPerRow, 2),
      },
      targets: { timesOfNew: { atMost: TIMES_NEW_TARGET } },
    };
  } finally {
    await system.stop();
  }
};

/** The most that a process grows by while it is watched. */
class MemoryWatch {
  private readonly before: number;
  private most: number;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly pid: number) {
    this.before = residentBytesOf(pid);
    this.most = this.before;
    this.timer = setInterval(() => this.look(), MEMORY_LOOK_MS);
  }

  stop(): number {
    clearInterval(this.timer);
    this.look();
    return this.most - this.before;
  }

  private look(): void {
    this.most = Math.max(this.most, residentBytesOf(this.pid));
  }
}

class UploadRun {
  private people = 0;
  private last: PeopleFile | null = null;

  constructor(
    private readonly system: StaffSystem,
    private readonly tell: (line: string) => void,
  ) {}

  /** Milliseconds of one upload through our API, after everything in the database was counted. */
  async ours(rows: number): Promise<number> {
    return await this.published(this.nextFile(rows));
  }

  /** The same for the people of the file before. */
  async again(): Promise<number> {
    return await this.published(this.last ?? this.nextFile(1));
  }

  private async published(file: PeopleFile): Promise<number> {
    const id = await this.system.createDisbursement();
    const milliseconds = await this.system.upload(id, file.content);
    await this.check(id, file);
    this.last = file;
    this.tell(`${String(file.rows)} rows in ${String(Math.round(milliseconds))} ms`);
    return milliseconds;
  }

  async naive(rows: number): Promise<number> {
    const file = this.nextFile(rows);
    const found = await naiveUpload(this.system.databaseUrl, file.content);
    mustBe('rows of the naive upload', found.rows, file.rows);
    mustBe('sum of the naive upload', found.total, formatAmount(file.total));
    this.tell(`naive: ${String(rows)} rows in ${String(Math.round(found.milliseconds))} ms`);
    return found.milliseconds;
  }

  /** The full size, or a twentieth of it where that would take over a minute. */
  async naiveSize(n: number): Promise<number> {
    const share = Math.max(1, Math.round(n / NAIVE_SHARE));
    const milliseconds = await this.naive(share);
    return milliseconds * NAIVE_SHARE > NAIVE_LONGEST_MS ? share : n;
  }

  private nextFile(rows: number): PeopleFile {
    const file = peopleFile(rows, this.people);
    this.people += rows;
    return file;
  }

  private async check(disbursementId: string, file: PeopleFile): Promise<void> {
    const { rows } = await this.system.sql.query<Record<string, string>>(
      `SELECT count(*) AS payments, sum(p.amount) AS total, count(DISTINCT p.receiver_id) AS people,
              count(DISTINCT w.id) AS wallets, count(v.value_hmac) AS verifications,
              min(d.count_draft) AS counted, min(d.amount_draft) AS summed, min(d.status) AS status
         FROM disbursements.payments p
         JOIN disbursements.disbursements d ON d.tenant_id = p.tenant_id AND d.id = p.disbursement_id
         JOIN receivers.receiver_wallets w ON w.tenant_id = p.tenant_id AND w.id = p.receiver_wallet_id
         LEFT JOIN receivers.verifications v ON v.tenant_id = p.tenant_id AND v.receiver_id = p.receiver_id
        WHERE p.disbursement_id = $1 AND p.status = 'DRAFT'`,
      [disbursementId],
    );
    const [found = {}] = rows;
    const count = String(file.rows);
    mustBe('status', found['status'], 'READY');
    for (const what of ['payments', 'people', 'wallets', 'verifications']) mustBe(what, found[what], count);
    mustBe('counter of payments', String(found['counted']), count);
    mustBe('sum of payments', found['total'], file.total.toString());
    mustBe('counter of amounts', found['summed'], file.total.toString());
  }
}
