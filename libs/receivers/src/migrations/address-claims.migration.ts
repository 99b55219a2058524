import { APP_ROLES, type Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who claims an address that is theirs already locks it, for which PostgreSQL asks for the right to update a column. */
class AddressClaims1795419000000 implements MigrationInterface {
  readonly name = 'AddressClaims1795419000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`GRANT UPDATE (receiver_id) ON receivers.address_owners TO ${APP_ROLES.recipientApi}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `REVOKE UPDATE (receiver_id) ON receivers.address_owners FROM ${APP_ROLES.recipientApi}`,
    );
  }
}

export const addressClaimsMigrations: readonly Migration[] = [AddressClaims1795419000000];
