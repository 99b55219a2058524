import type { Migration } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

class VerificationBinding1763736900000 implements MigrationInterface {
  readonly name = 'VerificationBinding1763736900000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      // What is there was hashed with the contact of its row and is bound anew when somebody brings the value again.
      `ALTER TABLE receivers.verifications ADD COLUMN bound_to text NOT NULL DEFAULT 'CONTACT'
         CHECK (bound_to IN ('CONTACT', 'RECEIVER'))`,
      `CREATE INDEX verifications_bound_to_contact ON receivers.verifications (tenant_id, verification_field)
        WHERE bound_to = 'CONTACT'`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX receivers.verifications_bound_to_contact');
    await runner.query('ALTER TABLE receivers.verifications DROP COLUMN bound_to');
  }
}

export const verificationBindingMigrations: readonly Migration[] = [VerificationBinding1763736900000];
