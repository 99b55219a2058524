import { hash } from 'node:crypto';

import type { Database } from '@libs/persistence';

export interface RateLimitRule {
  readonly requestsMax: number;
  readonly windowSeconds: number;
}

/** 40 requests in 20 seconds unless the settings say otherwise. */
export const rateLimitRuleOf = (settings: {
  readonly RATE_LIMIT_REQUESTS: number;
  readonly RATE_LIMIT_WINDOW_SECONDS: number;
}): RateLimitRule => ({
  requestsMax: settings.RATE_LIMIT_REQUESTS,
  windowSeconds: settings.RATE_LIMIT_WINDOW_SECONDS,
});

/** What one request used up. `remaining` is −1 when it was one too many. */
export interface RateLimitTake {
  readonly remaining: number;
  /** When the present window ends, in seconds since 1970 by the database's clock. */
  readonly resetsAtSeconds: number;
}

/** What is counted, and how many are allowed: the arguments of `http.take_rate_limit`. */
export interface RateLimitOrder {
  /** As PostgreSQL reads bytes in a text. */
  readonly key: string;
  readonly rule: RateLimitRule;
}

/** `subject` is an address and a path, say. */
export const rateLimitKey = (subject: string): string => `\\x${hash('sha256', subject, 'hex')}`;

/** Counts requests for all replicas together, in an unlogged table: a crash of the server forgets 20 seconds. */
export class RateLimitRepository {
  constructor(private readonly database: Database) {}

  /** One statement of its own without a database transaction around it: this runs on every request. */
  async take({ key, rule }: RateLimitOrder): Promise<RateLimitTake> {
    const { rows } = await this.database.query<{ remaining: number; resets_at: bigint }>({
      name: 'rate-limit-take',
      text: 'SELECT remaining, resets_at FROM http.take_rate_limit($1, $2, $3)',
      values: [key, rule.windowSeconds, rule.requestsMax],
    });
    const [row] = rows;
    return { remaining: row?.remaining ?? -1, resetsAtSeconds: Number(row?.resets_at ?? 0) };
  }

  /** Forgets what ended long ago. Returns how many rows went, so that the caller goes on while there are more. */
  async forgetOld(windowSeconds: number, rowsMax: number): Promise<number> {
    const { rowCount } = await this.database.query({
      text: `DELETE FROM http.rate_limits WHERE key IN (
         SELECT key FROM http.rate_limits
          WHERE window_number < floor(extract(epoch FROM clock_timestamp()) / $1::int)::bigint - 1 LIMIT $2
          FOR UPDATE SKIP LOCKED)`,
      values: [windowSeconds, rowsMax],
    });
    return rowCount ?? 0;
  }
}
