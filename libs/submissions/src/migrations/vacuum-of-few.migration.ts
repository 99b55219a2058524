import { type Migration, OFTEN_VACUUMED, OFTEN_VACUUMED_OF_FEW, setVacuum } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['submissions.attempts', 'submissions.envelopes'] as const;

/**
 * An envelope and its attempt carry up to a hundred payments: five thousand changes of theirs, after which a table of payments is
 * vacuumed, were more than twice the rows that an organisation's first hour leaves.
 */
class VacuumOfFew1795400000000 implements MigrationInterface {
  readonly name = 'VacuumOfFew1795400000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await setVacuum(runner, { [table]: OFTEN_VACUUMED_OF_FEW });
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await setVacuum(runner, { [table]: OFTEN_VACUUMED });
  }
}

export const vacuumOfFewMigrations: readonly Migration[] = [VacuumOfFew1795400000000];
