import { type Migration, schemaFor } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

import { channelTables } from './channel-tables';
import { submissionTables } from './submission-tables';

/** Dispatched payments, the attempts to pay them, what may not be paid, and the keys that pay. */
class Submissions1763700700000 implements MigrationInterface {
  readonly name = 'Submissions1763700700000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [...schemaFor('submissions'), ...submissionTables, ...channelTables];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA submissions CASCADE');
  }
}

export const submissionsMigrations: readonly Migration[] = [Submissions1763700700000];
