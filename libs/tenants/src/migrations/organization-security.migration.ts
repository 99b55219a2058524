import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What an organisation asks of its own people beyond a password. */
class OrganizationSecurity1795274833000 implements MigrationInterface {
  readonly name = 'OrganizationSecurity1795274833000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE tenants.organizations
         -- Sign-in by a code that was mailed is refused: everybody needs an authenticator app or a passkey.
         ADD COLUMN email_codes_forbidden boolean NOT NULL DEFAULT false,
         -- Starting a disbursement of more than this asks for a fresh second factor; null for never.
         ADD COLUMN step_up_amount bigint CHECK (step_up_amount >= 0)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE tenants.organizations DROP COLUMN email_codes_forbidden, DROP COLUMN step_up_amount',
    );
  }
}

export const organizationSecurityMigrations: readonly Migration[] = [OrganizationSecurity1795274833000];
