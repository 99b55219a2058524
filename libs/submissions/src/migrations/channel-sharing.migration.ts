import { type Migration, systemTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Instances say how long they may be silent and are ended for good; how many channel accounts are wanted is kept here. */
class ChannelSharing1795274460000 implements MigrationInterface {
  readonly name = 'ChannelSharing1795274460000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `ALTER TABLE submissions.instances
         ADD COLUMN expiry_seconds integer NOT NULL DEFAULT 15 CHECK (expiry_seconds BETWEEN 1 AND 3600),
         -- Silent for too long: whatever wakes up under this id may write nothing any more.
         ADD COLUMN ended_at timestamptz,
         -- Its process seemed to be gone; it may come back, since its connection may only have broken.
         ADD COLUMN lost_at timestamptz`,
      `CREATE TABLE submissions.channel_target (
         only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
         wanted integer NOT NULL CHECK (wanted BETWEEN 0 AND 1000),
         -- What NUM_CHANNEL_ACCOUNTS said when it was last followed: only a new value of it is followed again.
         -- Absent while no instance has started since a person chose a number.
         setting integer,
         actor text NOT NULL,
         updated_at timestamptz NOT NULL DEFAULT now())`,
      ...systemTable('submissions.channel_target', { transactionSubmission: 'select, insert, update' }),
      `CREATE INDEX channel_accounts_live ON submissions.channel_accounts (owner) WHERE status <> 'RETIRED'`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const statements = [
      `DROP INDEX submissions.channel_accounts_live`,
      `DROP TABLE submissions.channel_target`,
      `ALTER TABLE submissions.instances DROP COLUMN expiry_seconds, DROP COLUMN ended_at, DROP COLUMN lost_at`,
    ];
    for (const statement of statements) await runner.query(statement);
  }
}

export const channelSharingMigrations: readonly Migration[] = [ChannelSharing1795274460000];
