import { type Migration, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is ours to mend costs no payment its patience, and is tried again less and less often. */
class OwnCauses1795290133000 implements MigrationInterface {
  readonly name = 'OwnCauses1795290133000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      // Since when ledgers refuse it for a cause that may pass; absent while none does, and again when a cause of ours was found.
      `ALTER TABLE submissions.submissions ADD COLUMN refused_since timestamptz`,
      `CREATE INDEX submissions_refused ON submissions.submissions (tenant_id)
        WHERE refused_since IS NOT NULL AND status IN ('QUEUED', 'SIGNED', 'UNKNOWN')`,
      `CREATE TABLE submissions.hold_trials (
         tenant_id uuid NOT NULL,
         -- Of the hold on the tenant.
         reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 100),
         -- How often it was lifted since anything of the tenant was paid last.
         trials integer NOT NULL CHECK (trials > 0),
         tried_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, reason))`,
      ...tenantTable('submissions.hold_trials', { transactionSubmission: 'select, insert, update' }, [
        'transactionSubmission',
      ]),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE submissions.hold_trials');
    await runner.query('DROP INDEX submissions.submissions_refused');
    await runner.query('ALTER TABLE submissions.submissions DROP COLUMN refused_since');
  }
}

export const ownCausesMigrations: readonly Migration[] = [OwnCauses1795290133000];
