import type { SystemTx } from '@libs/persistence';

export interface Turn {
  readonly won: boolean;
  /** Until the next period begins, by the database's clock. */
  readonly nextInMs: number;
}

/** Exactly one caller wins each period of `everyMs`, counted from the epoch. */
export async function claimTurn(tx: SystemTx, job: string, everyMs: number): Promise<Turn> {
  const row = await tx.queryOne<{ won: boolean; next: number }>(
    `WITH period AS (
       SELECT to_timestamp(floor(extract(epoch FROM now()) * 1000 / $2::numeric) * $2::numeric / 1000) AS began
     ), won AS (
       INSERT INTO eventing.job_clock AS j (job, last_run_at) VALUES ($1, now())
         ON CONFLICT (job) DO UPDATE SET last_run_at = now(), runs = j.runs + 1
           WHERE j.last_run_at < (SELECT began FROM period)
         RETURNING 1
     )
     SELECT EXISTS (SELECT FROM won) AS won,
            (extract(epoch FROM (SELECT began FROM period) - clock_timestamp()) * 1000 + $2::numeric)::float8 AS next`,
    [job, everyMs],
  );
  return { won: row?.won === true, nextInMs: Math.max(1, row?.next ?? everyMs) };
}
