import { APP_ROLES, type Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMN = 'SELECT (ended_at) ON disbursements.upload_jobs';

/** Of two files that say something of the same person, the one that was published last counts: a registration asks when. */
class PublicationTimes1795342500000 implements MigrationInterface {
  readonly name = 'PublicationTimes1795342500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`GRANT ${COLUMN} TO ${APP_ROLES.recipientApi}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`REVOKE ${COLUMN} FROM ${APP_ROLES.recipientApi}`);
  }
}

export const publicationTimesMigrations: readonly Migration[] = [PublicationTimes1795342500000];
