import { type Migration, systemTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people decided about paying: that everything stops or goes on, and how what contradicts itself ends. */
class OperatorDecisions1795272360000 implements MigrationInterface {
  readonly name = 'OperatorDecisions1795272360000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      // Nobody may change or delete one.
      `CREATE TABLE submissions.operator_decisions (
         id uuid PRIMARY KEY,
         kind text NOT NULL CHECK (char_length(kind) BETWEEN 1 AND 64),
         -- What it is about: an attempt, a hold, a tenant.
         subject text NOT NULL CHECK (char_length(subject) BETWEEN 1 AND 200),
         actor text NOT NULL CHECK (char_length(actor) BETWEEN 1 AND 200),
         reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 1000),
         details jsonb NOT NULL DEFAULT '{}',
         decided_at timestamptz NOT NULL DEFAULT now())`,
      `CREATE INDEX operator_decisions_subject ON submissions.operator_decisions (kind, subject, decided_at)`,
      ...systemTable('submissions.operator_decisions', {
        dashboardApi: 'select, insert',
        transactionSubmission: 'select, insert',
      }),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE submissions.operator_decisions');
  }
}

export const brakesMigrations: readonly Migration[] = [OperatorDecisions1795272360000];
