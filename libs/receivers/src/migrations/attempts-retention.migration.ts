import { APP_ROLES, type Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

class AttemptsRetention1763738300000 implements MigrationInterface {
  readonly name = 'AttemptsRetention1763738300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`GRANT DELETE ON receivers.registration_attempts TO ${APP_ROLES.recipientApi}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`REVOKE DELETE ON receivers.registration_attempts FROM ${APP_ROLES.recipientApi}`);
  }
}

export const attemptsRetentionMigrations: readonly Migration[] = [AttemptsRetention1763738300000];
