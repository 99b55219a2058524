import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What channel accounts use sequence numbers for beside attempts: they help to make others, and end themselves. */
class SetupSequences1795290253000 implements MigrationInterface {
  readonly name = 'SetupSequences1795290253000';

  async up(runner: QueryRunner): Promise<void> {
    // The highest that an envelope of ours may use which sets up accounts. It is stored before that envelope is sent.
    await runner.query('ALTER TABLE submissions.channel_accounts ADD COLUMN setup_sequence bigint');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE submissions.channel_accounts DROP COLUMN setup_sequence');
  }
}

export const setupSequencesMigrations: readonly Migration[] = [SetupSequences1795290253000];
