import http from 'node:http';

import { type Benchmark, type BenchmarkReport, medianOf, mustBe, rounded } from './benchmark';
import { StaffSystem } from './staff-system';
import { residentBytesOf } from './system/resident-memory';
import { addYears } from './system/payments-of-years';

const RUNS = { full: 3, quick: 1 };
const RECEIVERS_PER_PAYMENT = 0.5;
const LOOK_EVERY_MS = 50;
const MEBIBYTE = 2 ** 20;
const LINE_FEED = 0x0a;

interface Exported {
  readonly milliseconds: number;
  readonly firstByteMs: number;
  /** The most that the app grew by while it sent. */
  readonly memoryBytes: number;
  readonly bytes: number;
}

/** All payments of an organisation as CSV, from the request to the last byte: every payment is a line of its own. */
export const exportBenchmark: Benchmark = async ({
  n,
  quick,
  tell,
  profileFolder,
}): Promise<BenchmarkReport> => {
  tell('starting PostgreSQL and dashboard-api');
  const system = await StaffSystem.start(profileFolder);
  try {
    tell(`adding ${String(n)} payments`);
    const receivers = Math.max(1, Math.round(n * RECEIVERS_PER_PAYMENT));
    await addYears(system.sql, system.organisation, { payments: n, receivers });
    // The first export of a process compiles code and opens a connection.
    await exported(system, '/exports/payments?status=failed', null);
    const runs: Exported[] = [];
    for (let run = 1; run <= (quick ? RUNS.quick : RUNS.full); run += 1) {
      const done = await exported(system, '/exports/payments', n);
      tell(
        `${String(Math.round(done.bytes / MEBIBYTE))} MiB in ${String(Math.round(done.milliseconds))} ms, first byte after ${String(Math.round(done.firstByteMs))} ms`,
      );
      runs.push(done);
    }
    const median = (of: (run: Exported) => number): number => medianOf(runs.map(of));
    return {
      id: 'export',
      n,
      metrics: {
        rowsPerSecond: rounded(median(({ milliseconds }) => (n / milliseconds) * 1_000)),
        firstByteMs: rounded(median((run) => run.firstByteMs)),
        memoryMiB: rounded(median((run) => run.memoryBytes) / MEBIBYTE),
        fileMiB: rounded(median((run) => run.bytes) / MEBIBYTE),
      },
      targets: {
        rowsPerSecond: { atLeast: 100_000 },
        firstByteMs: { atMost: 300 },
        memoryMiB: { atMost: 64 },
      },
    };
  } finally {
    await system.stop();
  }
};

/** Takes the whole file, and counts its lines where their number is known. No cell of these payments has a line break. */
async function exported(system: StaffSystem, path: string, rows: number | null): Promise<Exported> {
  const memoryBefore = residentBytesOf(system.appPid);
  let memoryMost = memoryBefore;
  const look = setInterval(() => {
    memoryMost = Math.max(memoryMost, residentBytesOf(system.appPid));
  }, LOOK_EVERY_MS);
  try {
    const token = await system.token();
    const startedAt = performance.now();
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}` };
      http.get(new URL(path, system.url), { headers }, resolve).on('error', reject);
    });
    mustBe('status', response.statusCode, 200);
    let firstByteMs = 0;
    let [lines, bytes] = [0, 0];
    for await (const chunk of response as AsyncIterable<Buffer>) {
      if (bytes === 0) firstByteMs = performance.now() - startedAt;
      bytes += chunk.length;
      for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, at + 1)) lines += 1;
    }
    if (rows !== null) mustBe('lines', lines, rows + 1);
    return {
      milliseconds: performance.now() - startedAt,
      firstByteMs,
      memoryBytes: memoryMost - memoryBefore,
      bytes,
    };
  } finally {
    clearInterval(look);
  }
}
