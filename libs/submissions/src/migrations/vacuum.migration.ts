import { type Migration, OFTEN_VACUUMED, resetVacuum, setVacuum, SMALL_AND_HOT } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = {
  'submissions.submissions': OFTEN_VACUUMED,
  'submissions.attempts': OFTEN_VACUUMED,
  'submissions.envelopes': OFTEN_VACUUMED,
  'submissions.attempt_submissions': OFTEN_VACUUMED,
  'submissions.channel_accounts': SMALL_AND_HOT,
  'submissions.outflow_minutes': SMALL_AND_HOT,
};

class SubmissionVacuum1795292040000 implements MigrationInterface {
  readonly name = 'SubmissionVacuum1795292040000';

  async up(runner: QueryRunner): Promise<void> {
    await setVacuum(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await resetVacuum(runner, TABLES);
  }
}

export const submissionVacuumMigrations: readonly Migration[] = [SubmissionVacuum1795292040000];
