import type { Migration } from '@libs/persistence';
import { APP_ROLES } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Messages hold contacts and texts, so they do not stay for ever. */
class MessageRetention1763738200000 implements MigrationInterface {
  readonly name = 'MessageRetention1763738200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `GRANT DELETE ON messages.messages, messages.dry_run_outbox TO ${APP_ROLES.messaging}`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `REVOKE DELETE ON messages.messages, messages.dry_run_outbox FROM ${APP_ROLES.messaging}`,
    );
  }
}

export const messageRetentionMigrations: readonly Migration[] = [MessageRetention1763738200000];
