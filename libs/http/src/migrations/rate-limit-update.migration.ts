import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The same window that slides as before: what is left over of the window before counts by the part of it that the last
 * `window_seconds` still cover. Nearly every request meets a row of the present window, and one update answers it; the first of a
 * window, and one too many, go the longer way.
 */
const TAKE = `
  CREATE FUNCTION http.take_rate_limit(the_key bytea, window_seconds int, requests_max int,
    OUT remaining int, OUT resets_at bigint) LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    seconds float8 := extract(epoch FROM clock_timestamp());
    now_window bigint := floor(seconds / window_seconds);
    part_before float8 := 1 - (seconds / window_seconds - now_window);
  BEGIN
    resets_at := (now_window + 1) * window_seconds;
    UPDATE http.rate_limits kept SET hits = kept.hits + 1
     WHERE kept.key = the_key AND kept.window_number = now_window
       AND 1 + kept.hits + floor(kept.hits_before * part_before) <= requests_max
    RETURNING requests_max - kept.hits - floor(kept.hits_before * part_before) INTO remaining;
    IF FOUND THEN RETURN; END IF;
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
    RETURNING requests_max - kept.hits - floor(kept.hits_before * part_before) INTO remaining;
    remaining := coalesce(remaining, -1);
  END $$`;

/** The count of a request at half of what it cost, and as one value, so that a function can count many. */
class RateLimitUpdate1795292101000 implements MigrationInterface {
  readonly name = 'RateLimitUpdate1795292101000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION http.take_rate_limit(bytea, int, int)');
    await runner.query(TAKE);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('the older count is not made again: restore a backup instead'));
  }
}

export const rateLimitUpdateMigrations: readonly Migration[] = [RateLimitUpdate1795292101000];
