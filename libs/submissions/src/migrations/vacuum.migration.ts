import { type Migration, OFTEN_VACUUMED, SMALL_AND_HOT, vacuumedAs } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = {
  'submissions.submissions': OFTEN_VACUUMED,
  'submissions.attempts': OFTEN_VACUUMED,
  'submissions.envelopes': OFTEN_VACUUMED,
  'submissions.attempt_submissions': OFTEN_VACUUMED,
  'submissions.channel_accounts': SMALL_AND_HOT,
  'submissions.outflow_minutes': SMALL_AND_HOT,
};

/** By the defaults, a table of a million rows is vacuumed after two hundred thousand changes: its indexes would be bloated by then. */
class SubmissionVacuum1795292040000 implements MigrationInterface {
  readonly name = 'SubmissionVacuum1795292040000';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, settings] of Object.entries(TABLES)) await runner.query(vacuumedAs(table, settings));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of Object.keys(TABLES))
      await runner.query(
        `ALTER TABLE ${table} RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)`,
      );
  }
}

export const submissionVacuumMigrations: readonly Migration[] = [SubmissionVacuum1795292040000];
