import { formatAmount } from '@libs/kernel';

import { type Benchmark, type BenchmarkReport, medianOf, mustBe, rounded } from './benchmark';
import { naiveUpload } from './naive/upload';
import { type PeopleFile, peopleFile } from './people';
import { StaffSystem } from './staff-system';

const RUNS = 3;
const NAIVE_SHARE = 20;
const NAIVE_LONGEST_MS = 60_000;

/** 10,000 rows within 2 s, and as long for each further 10,000. */
const ANSWER_MS_TARGET = 2_000;
const ROWS_OF_TARGET = 10_000;
const TIMES_FASTER_TARGET = 6;

/**
 * A file of people that nobody has seen before, from the request to its answer, over HTTP to the app's own process,
 * beside the naive upload on the same PostgreSQL in the same run. Median of three each.
 */
export const uploadBenchmark: Benchmark = async ({ n, tell, profileFolder }): Promise<BenchmarkReport> => {
  tell('starting PostgreSQL and dashboard-api');
  const system = await StaffSystem.start(profileFolder);
  try {
    const run = new UploadRun(system, tell);
    // The first upload of a process compiles code and opens connections; no user is first for long.
    await run.ours(Math.min(n, 1_000));
    const naiveRows = await run.naiveSize(n);
    const ours: number[] = [];
    const naive: number[] = [];
    for (let round = 1; round <= RUNS; round += 1) {
      ours.push(await run.ours(n));
      naive.push((await run.naive(naiveRows)) / naiveRows);
    }
    const answerMs = medianOf(ours);
    const microsecondsPerRow = (answerMs * 1_000) / n;
    const naiveMicrosecondsPerRow = medianOf(naive) * 1_000;
    return {
      id: 'upload',
      n,
      metrics: {
        answerMs: rounded(answerMs),
        rowsPerSecond: rounded((n / answerMs) * 1_000),
        microsecondsPerRow: rounded(microsecondsPerRow),
        naiveMicrosecondsPerRow: rounded(naiveMicrosecondsPerRow),
        naiveRows,
        timesFasterThanNaive: rounded(naiveMicrosecondsPerRow / microsecondsPerRow),
      },
      targets: {
        answerMs: { atMost: ANSWER_MS_TARGET * Math.max(1, n / ROWS_OF_TARGET) },
        timesFasterThanNaive: { atLeast: TIMES_FASTER_TARGET },
      },
      gates: { timesFasterThanNaive: { atLeast: TIMES_FASTER_TARGET / 2 } },
    };
  } finally {
    await system.stop();
  }
};

class UploadRun {
  private people = 0;

  constructor(
    private readonly system: StaffSystem,
    private readonly tell: (line: string) => void,
  ) {}

  /** Milliseconds of one upload through our API, after everything in the database was counted. */
  async ours(rows: number): Promise<number> {
    const file = this.nextFile(rows);
    const id = await this.system.createDisbursement();
    const milliseconds = await this.system.upload(id, file.content);
    await this.check(id, file);
    this.tell(`${String(rows)} rows in ${String(Math.round(milliseconds))} ms`);
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
