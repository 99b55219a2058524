import { type Benchmark, type BenchmarkReport, medianOf, mustBe, rounded } from './benchmark';
import { peopleFile } from './people';
import { checkInvariants } from './system/invariants';
import { addWaiting, MainJobSystem } from './system/main-job';

const RUNS = { full: 3, quick: 1 };
const WAITING = { full: 1_000_000, quick: 20_000 };
const WARM_UP = 500;
const ANSWER_MS_TARGET = 200;
const ROW_MICROSECONDS_TARGET = 30;
/** Core is done with the disbursement: the people of its payments too have followed. */
const NO_WORK =
  'NOT EXISTS (SELECT FROM disbursements.work_items w WHERE w.disbursement_id = disbursements.id)';
/** What a disbursement says when all its payments are in a state. */
const COUNTED = {
  READY: `status = 'STARTED' AND count_ready`,
  PAUSED: `status = 'PAUSED' AND count_paused`,
};
/** A quick run shares its machine with others. */
const LOOSER = 10;

/**
 * How long the start of a disbursement is answered and how long until all its payments have followed, while very many payments of
 * another one are in progress; then how long pause, resume and pause in a row are answered, until all rest, and until all of them
 * wait again after a resume.
 */
export const startBenchmark: Benchmark = async ({
  n,
  quick,
  tell,
  profileFolder,
}): Promise<BenchmarkReport> => {
  const system = await MainJobSystem.start({ channels: 0, tell, profileFolder });
  try {
    const waiting = quick ? WAITING.quick : WAITING.full;
    tell(`adding ${String(waiting)} payments of another disbursement`);
    await addWaiting(system, waiting);
    await measure(system, WARM_UP, 0);
    const runs: Measured[] = [];
    for (let run = 0; run < (quick ? RUNS.quick : RUNS.full); run += 1) {
      const one = await measure(system, n, WARM_UP + run * n);
      tell(
        `answered in ${String(Math.round(one.answerMs))} ms, moved in ${String(Math.round(one.moveMs))} ms`,
      );
      runs.push(one);
    }
    await checkInvariants(system.staff.postgres);
    const floor = await floorOf(system, n);
    if (profileFolder !== null) for (const line of await system.staff.dearest(15)) tell(line);
    const median = (of: (one: Measured) => number): number => medianOf(runs.map(of));
    return {
      id: 'start',
      n,
      metrics: {
        inProgress: waiting,
        answerMs: rounded(median((one) => one.answerMs)),
        moveMs: rounded(median((one) => one.moveMs)),
        microsecondsPerRow: rounded((median((one) => one.moveMs) * 1_000) / n),
        floorMicrosecondsPerRow: rounded(floor),
        pauseAnswerMs: rounded(median((one) => one.pauseAnswerMs)),
        pauseMicrosecondsPerRow: rounded((median((one) => one.pauseMs) * 1_000) / n),
        resumeAnswerMs: rounded(median((one) => one.resumeAnswerMs)),
        resumeMicrosecondsPerRow: rounded((median((one) => one.resumeMs) * 1_000) / n),
      },
      targets: {
        answerMs: { atMost: ANSWER_MS_TARGET },
        pauseAnswerMs: { atMost: ANSWER_MS_TARGET },
        resumeAnswerMs: { atMost: ANSWER_MS_TARGET },
        microsecondsPerRow: { atMost: ROW_MICROSECONDS_TARGET },
      },
      gates: {
        answerMs: { atMost: ANSWER_MS_TARGET * LOOSER },
        pauseAnswerMs: { atMost: ANSWER_MS_TARGET * LOOSER },
        resumeAnswerMs: { atMost: ANSWER_MS_TARGET * LOOSER },
      },
    };
  } finally {
    await system.stop();
  }
};

interface Measured {
  readonly answerMs: number;
  readonly moveMs: number;
  readonly pauseAnswerMs: number;
  readonly pauseMs: number;
  readonly resumeAnswerMs: number;
  readonly resumeMs: number;
}

/**
 * What the rows alone cost here, in microseconds each: one statement for all payments and one for all receiver wallets of the newest
 * disbursement, with their indexes, and without history, counters, locks, events, or anybody beside.
 */
async function floorOf({ staff }: MainJobSystem, n: number): Promise<number> {
  const { sql } = staff.postgres;
  const newest = '(SELECT id FROM disbursements.disbursements ORDER BY created_at DESC LIMIT 1)';
  const startedAt = performance.now();
  await sql.query('BEGIN');
  const { rowCount } = await sql.query(
    `UPDATE disbursements.payments SET status = 'READY', updated_at = clock_timestamp() WHERE disbursement_id = ${newest}`,
  );
  await sql.query(
    `UPDATE receivers.receiver_wallets SET status = 'DRAFT', updated_at = clock_timestamp()
      WHERE id IN (SELECT receiver_wallet_id FROM disbursements.payments WHERE disbursement_id = ${newest})`,
  );
  await sql.query('ROLLBACK');
  mustBe('payments of the newest disbursement', rowCount, n);
  return ((performance.now() - startedAt) * 1_000) / n;
}

async function measure(system: MainJobSystem, n: number, from: number): Promise<Measured> {
  const file = peopleFile(n, from);
  const id = await system.publish(file);
  const answerMs = await system.staff.setStatus(id, 'STARTED');
  const moveMs = await allAre(system, 'READY', { id, n, total: file.total });
  // In a row, while core has hardly begun to follow the one before: the last word counts, and the dearest answer.
  const answers: number[] = [];
  for (const status of ['PAUSED', 'STARTED', 'PAUSED'] as const)
    answers.push(await system.staff.setStatus(id, status));
  const pauseAnswerMs = Math.max(...answers);
  const pauseMs = await allAre(system, 'PAUSED', { id, n, total: file.total });
  const resumeAnswerMs = await system.staff.setStatus(id, 'STARTED');
  const resumeMs = await allAre(system, 'READY', { id, n, total: file.total });
  return { answerMs, moveMs, pauseAnswerMs, pauseMs, resumeAnswerMs, resumeMs };
}

interface Payments {
  /** Of their disbursement. */
  readonly id: string;
  readonly n: number;
  readonly total: bigint;
}

/** How many milliseconds it takes until core is done with the disbursement, all its payments are in this state and its people invited. */
async function allAre(
  system: MainJobSystem,
  status: 'READY' | 'PAUSED',
  payments: Payments,
): Promise<number> {
  const since = performance.now();
  const { id, n } = payments;
  await system.until(id, `its payments are ${status}`, `${COUNTED[status]} = ${String(n)} AND ${NO_WORK}`);
  const took = performance.now() - since;
  await checkAll(system, status, payments);
  return took;
}

/** The rows themselves, beside the counters that were waited for. */
async function checkAll({ staff }: MainJobSystem, status: string, { id, n, total }: Payments): Promise<void> {
  const row = await staff.postgres.one(
    `SELECT count(*) AS count, sum(amount) AS total FROM disbursements.payments WHERE disbursement_id = $1 AND status = $2`,
    [id, status],
  );
  mustBe(`payments that are ${status}`, Number(row['count']), n);
  mustBe(`the sum of what is ${status}`, BigInt(row['total'] ?? 0), total);
  const { invited } = await staff.postgres.one(
    `SELECT count(*) AS invited FROM receivers.receiver_wallets w JOIN disbursements.payments p ON p.receiver_wallet_id = w.id
      WHERE p.disbursement_id = $1 AND w.status = 'READY'`,
    [id],
  );
  mustBe('people who were invited', Number(invited), n);
}
