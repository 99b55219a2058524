import { type Benchmark, type BenchmarkReport, mustBe, quantileOf, rounded } from './benchmark';
import { checkInvariants } from './system/invariants';
import { MainJobSystem } from './system/main-job';
import { payFile } from './system/main-job-run';
import { PUBLIC, QUICK, UNLIMITED } from './system/sandbox-network';
import { SmallTenants, type StartedDisbursement } from './system/small-tenants';

const CHANNELS = 100;
/** 200,000 payments an hour. */
export const SOAK_PER_MINUTE = 3_333;
const EVERY_MS = 1_000;
const WARM_UP = 500;
const MEBIBYTE = 2 ** 20;
const P99_GROWTH_TARGET = 1.25;
const MEMORY_SLOPE_TARGET = 1;
/** Dead rows to each living one, of the tables that grow with payments. */
const DEAD_SHARE_TARGET = 0.2;
const DEAD_LOOK_SECONDS = 10;
/** The share of dead rows in a smaller table says nothing: there are few of them. */
const ROWS_OF_TABLE = 5_000;
const TABLES = [
  'payments',
  'receiver_wallets',
  'submissions',
  'attempts',
  'envelopes',
  'attempt_submissions',
];

interface Sample {
  readonly minutes: number;
  readonly bytes: number;
}

interface Dead {
  readonly table: string;
  readonly share: number;
}

/**
 * As many payments a minute as 200,000 an hour are, in a disbursement each second, for as long as n lasts: whether those of the end
 * wait for longer than those of the beginning, whether the processes grow, and whether tables fill with dead rows.
 */
export const soakBenchmark: Benchmark = async ({
  n,
  quick,
  tell,
  profileFolder,
}): Promise<BenchmarkReport> => {
  const system = await MainJobSystem.start({ channels: CHANNELS, tell, profileFolder });
  const small = new SmallTenants(system);
  const { network } = system;
  try {
    await payFile(system, { n: WARM_UP, from: 0, pace: UNLIMITED });
    const tenant = await small.add('steady');
    const seconds = Math.max(3, Math.round((n * 60) / SOAK_PER_MINUTE));
    const rounds = Array.from({ length: seconds }, (_, second) =>
      small.prepare(Math.round(((second + 1) * n) / seconds) - Math.round((second * n) / seconds)),
    );
    await network.createAccounts(rounds.flat().map(({ destination }) => destination));
    await network.setPace(quick ? QUICK : PUBLIC);
    const afterLedger = await network.latestLedger();
    const samples: Sample[] = [];
    const dead: Dead[] = [];
    const started: StartedDisbursement[] = [];
    const startedAt = performance.now();
    for (const [second, payees] of rounds.entries()) {
      const due = startedAt + second * EVERY_MS;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      if (payees.length > 0) started.push(await small.start(tenant, payees));
      samples.push({ minutes: (performance.now() - startedAt) / 60_000, bytes: system.residentBytes() });
      if (second % DEAD_LOOK_SECONDS === 0) dead.push(await deadest(system));
    }
    tell(`${String(n)} payments in ${String(Math.round((performance.now() - startedAt) / 1_000))} s`);
    // Of the last third, as the latencies: at first, whatever changes is much of a table. Between two vacuums it comes and goes.
    const worst = dead
      .slice(-Math.ceil(dead.length / 3))
      .reduce((most, look) => (look.share > most.share ? look : most));
    tell(`most dead rows to a living one: ${worst.share.toFixed(2)}, in ${worst.table}`);
    const third = Math.max(1, Math.floor(started.length / 3));
    const first = await small.latencies(started.slice(0, third));
    const last = await small.latencies(started.slice(-third));
    const all = await small.latencies(started);
    await checkPaidOnce(system, rounds.flat(), { afterLedger, all: all.length });
    const firstP99 = quantileOf(first, 0.99);
    const lastP99 = quantileOf(last, 0.99);
    return {
      id: 'soak',
      n,
      metrics: {
        minutes: rounded(seconds / 60, 1),
        perSecond: rounded(n / seconds),
        p50Ms: rounded(quantileOf(all, 0.5)),
        firstP99Ms: rounded(firstP99),
        lastP99Ms: rounded(lastP99),
        p99Growth: rounded(lastP99 / firstP99, 2),
        memoryMiB: rounded((samples.at(-1)?.bytes ?? Number.NaN) / MEBIBYTE),
        // Of the second half: in the first one, heaps find their size.
        memoryMiBPerMinute: rounded(slopeOf(samples.slice(Math.floor(samples.length / 2))) / MEBIBYTE, 2),
        deadRowsPerRow: rounded(worst.share, 2),
      },
      targets: {
        p99Growth: { atMost: P99_GROWTH_TARGET },
        memoryMiBPerMinute: { atMost: MEMORY_SLOPE_TARGET },
        deadRowsPerRow: { atMost: DEAD_SHARE_TARGET },
      },
      // A quick run is over before memory and latency have found their level.
      gates: {},
    };
  } finally {
    await small.stop();
    await system.stop();
  }
};

/** Bytes per minute by least squares. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, one) => sum + one, 0) / values.length;
  const [x, y] = [mean(samples.map(({ minutes }) => minutes)), mean(samples.map(({ bytes }) => bytes))];
  const above = samples.reduce((sum, one) => sum + (one.minutes - x) * (one.bytes - y), 0);
  const below = samples.reduce((sum, one) => sum + (one.minutes - x) ** 2, 0);
  return above / below;
}

async function checkPaidOnce(
  { network, payer, staff }: MainJobSystem,
  payees: readonly { readonly destination: string; readonly amount: bigint }[],
  { afterLedger, all }: { readonly afterLedger: number; readonly all: number },
): Promise<void> {
  mustBe('payments that succeeded', all, payees.length);
  const { payments } = await network.paidBy(payer, afterLedger);
  mustBe('payments on the ledger', payments.length, payees.length);
  const owed = new Map(payees.map(({ destination, amount }) => [destination, amount]));
  for (const { to, amount } of payments) {
    mustBe(`payment to ${to}`, amount, owed.get(to));
    owed.delete(to);
  }
  const funds = await staff.postgres.one(
    `SELECT count(*) FILTER (WHERE reserved <> released) AS open FROM disbursements.fund_reservations`,
  );
  mustBe('promised funds that are not free', Number(funds['open']), 0);
  await checkInvariants(staff.postgres);
}

/** The table that has the most dead rows to each living one at this moment. */
async function deadest({ staff }: MainJobSystem): Promise<Dead> {
  const row = await staff.postgres.one(
    `SELECT relname, n_dead_tup::float8 / greatest(n_live_tup, $2) AS share FROM pg_stat_user_tables
      WHERE relname = ANY($1) ORDER BY share DESC LIMIT 1`,
    [TABLES, ROWS_OF_TABLE],
  );
  return { table: String(row['relname']), share: Number(row['share']) };
}
