import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A question for a passkey belongs to what waits for its answer; one to set up a passkey belongs to its person. */
class WaitingPasskeys1795414000000 implements MigrationInterface {
  readonly name = 'WaitingPasskeys1795414000000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `ALTER TABLE identity.mfa_codes ADD COLUMN passkey_challenge text`,
      // Each lives for five minutes, so whoever is asked at this moment is asked once more.
      `TRUNCATE identity.passkey_challenges`,
      `ALTER TABLE identity.passkey_challenges DROP COLUMN purpose, ADD PRIMARY KEY (tenant_id, user_id)`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const statements = [
      `TRUNCATE identity.passkey_challenges`,
      `ALTER TABLE identity.passkey_challenges DROP CONSTRAINT passkey_challenges_pkey,
         ADD COLUMN purpose text NOT NULL CHECK (purpose IN ('registration', 'proof')),
         ADD PRIMARY KEY (tenant_id, user_id, purpose)`,
      `ALTER TABLE identity.mfa_codes DROP COLUMN passkey_challenge`,
    ];
    for (const statement of statements) await runner.query(statement);
  }
}

export const waitingPasskeyMigrations: readonly Migration[] = [WaitingPasskeys1795414000000];
