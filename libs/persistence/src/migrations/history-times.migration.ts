import type { MigrationInterface, QueryRunner } from 'typeorm';

import type { Migration } from '../migrations-runner';

/**
 * A history tells when each entry was written, not when the database transaction of it began: who began first may have waited for
 * who wrote first, and the row would go back in time.
 */
class HistoryTimes1795425000000 implements MigrationInterface {
  readonly name = 'HistoryTimes1795425000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(historyEntry('VOLATILE', 'clock_timestamp()'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(historyEntry('STABLE', 'now()'));
  }
}

const historyEntry = (volatility: 'STABLE' | 'VOLATILE', time: string): string => `
      CREATE OR REPLACE FUNCTION history_entry(status text, actor text, reason text) RETURNS jsonb
      LANGUAGE sql ${volatility} PARALLEL SAFE AS $$
        SELECT jsonb_build_array(jsonb_strip_nulls(jsonb_build_object(
          'status', status, 'timestamp', to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
          'actor', actor, 'reason', nullif(reason, ''))))
      $$`;

export const historyTimesMigrations: readonly Migration[] = [HistoryTimes1795425000000];
