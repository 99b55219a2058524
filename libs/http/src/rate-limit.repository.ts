import { createHash } from 'node:crypto';

import type { Database } from '@libs/persistence';

export interface RateLimitRule {
  readonly requestsMax: number;
  readonly windowSeconds: number;
}

/** What one request used up. `remaining` is −1 when it was one too many. */
export interface RateLimitTake {
  readonly remaining: number;
  /** When the present window ends, in seconds since 1970 by the database's clock. */
  readonly resetsAtSeconds: number;
}

interface TakenRow {
  readonly remaining: number | null;
  readonly resets_at: string;
}

/**
 * One row per key. The rate is the hits of this window plus the part of the window before that still lies within
 * the last `window` seconds. A request that is one too many changes nothing, so hammering does not prolong the wait.
 */
const TAKE = `
  WITH clock AS (
    SELECT floor(extract(epoch FROM clock_timestamp()) / $2::int)::bigint AS now_window,
           1 - (extract(epoch FROM clock_timestamp()) / $2::int) % 1 AS part_before),
  taken AS (
    INSERT INTO http.rate_limits AS kept (key, window_number, hits, hits_before)
    SELECT $1, now_window, 1, 0 FROM clock
    ON CONFLICT (key) DO UPDATE SET
      hits = CASE WHEN kept.window_number = excluded.window_number THEN kept.hits + 1 ELSE 1 END,
      hits_before = CASE kept.window_number WHEN excluded.window_number THEN kept.hits_before
                                            WHEN excluded.window_number - 1 THEN kept.hits ELSE 0 END,
      window_number = excluded.window_number
    WHERE 1 + CASE kept.window_number
      WHEN excluded.window_number THEN kept.hits + floor(kept.hits_before * (SELECT part_before FROM clock))
      WHEN excluded.window_number - 1 THEN floor(kept.hits * (SELECT part_before FROM clock))
      ELSE 0 END <= $3::int
    RETURNING hits, hits_before)
  SELECT ($3::int - hits - floor(hits_before * part_before))::int AS remaining,
         ((now_window + 1) * $2::int)::text AS resets_at
    FROM clock LEFT JOIN taken ON true`;

/** Counts requests for all replicas together, in an unlogged table: a crash of the server forgets 20 seconds. */
export class RateLimitRepository {
  constructor(private readonly database: Database) {}

  /** One statement of its own without a database transaction around it: this runs on every request. */
  async take(subject: string, rule: RateLimitRule): Promise<RateLimitTake> {
    const key = createHash('sha256').update(subject).digest();
    const { rows } = await this.database.pool.query<TakenRow>({
      name: 'rate-limit-take',
      text: TAKE,
      values: [key, rule.windowSeconds, rule.requestsMax],
    });
    const [row] = rows;
    return { remaining: row?.remaining ?? -1, resetsAtSeconds: Number(row?.resets_at ?? 0) };
  }

  /** Forgets what ended long ago. Returns how many rows went, so that the caller goes on while there are more. */
  async forgetOld(windowSeconds: number, rowsMax: number): Promise<number> {
    const { rowCount } = await this.database.pool.query(
      `DELETE FROM http.rate_limits WHERE key IN (
         SELECT key FROM http.rate_limits
          WHERE window_number < floor(extract(epoch FROM clock_timestamp()) / $1::int)::bigint - 1 LIMIT $2
          FOR UPDATE SKIP LOCKED)`,
      [windowSeconds, rowsMax],
    );
    return rowCount ?? 0;
  }
}
