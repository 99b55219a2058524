import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One row per key. The rate is the hits of this window plus the part of the window before that still lies within the
 * last `window_seconds`. A request that is one too many changes nothing, so hammering does not prolong the wait.
 */
const TAKE = `
  CREATE FUNCTION http.take_rate_limit(the_key bytea, window_seconds int, requests_max int)
    RETURNS TABLE (remaining int, resets_at bigint) LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    seconds numeric := extract(epoch FROM clock_timestamp());
    now_window bigint := floor(seconds / window_seconds);
    part_before numeric := 1 - (seconds / window_seconds) % 1;
    left_over int;
  BEGIN
    INSERT INTO http.rate_limits AS kept (key, window_number, hits, hits_before)
    VALUES (the_key, now_window, 1, 0)
    ON CONFLICT (key) DO UPDATE SET
      hits = CASE WHEN kept.window_number = excluded.window_number THEN kept.hits + 1 ELSE 1 END,
      hits_before = CASE kept.window_number WHEN excluded.window_number THEN kept.hits_before
                                            WHEN excluded.window_number - 1 THEN kept.hits ELSE 0 END,
      window_number = excluded.window_number
    WHERE 1 + CASE kept.window_number
      WHEN excluded.window_number THEN kept.hits + floor(kept.hits_before * part_before)
      WHEN excluded.window_number - 1 THEN floor(kept.hits * part_before)
      ELSE 0 END <= requests_max
    RETURNING requests_max - hits - floor(hits_before * part_before) INTO left_over;
    RETURN QUERY SELECT coalesce(left_over, -1), (now_window + 1) * window_seconds;
  END $$`;

/** The count of requests as a function, so that the look-up of a caller takes it along in the same statement. */
class RateLimit1795278483000 implements MigrationInterface {
  readonly name = 'RateLimit1795278483000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TAKE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION http.take_rate_limit(bytea, int, int)');
  }
}

export const rateLimitMigrations: readonly Migration[] = [RateLimit1795278483000];
