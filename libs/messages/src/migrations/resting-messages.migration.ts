import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Invitations of paused disbursements are found by their disbursement when it is resumed. Empty while nothing is paused. */
class RestingMessages1795413000000 implements MigrationInterface {
  readonly name = 'RestingMessages1795413000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX messages_resting ON messages.messages (tenant_id, disbursement_id)
        WHERE status = 'PENDING' AND next_try_at = 'infinity'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `UPDATE messages.messages SET next_try_at = now() WHERE status = 'PENDING' AND next_try_at = 'infinity'`,
    );
    await runner.query('DROP INDEX messages.messages_resting');
  }
}

export const restingMessagesMigrations: readonly Migration[] = [RestingMessages1795413000000];
