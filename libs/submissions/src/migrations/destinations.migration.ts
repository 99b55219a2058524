import { type Migration, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is known of the accounts that are paid: ledger addresses and what everybody can read about them on the ledger. */
class Destinations1795279140000 implements MigrationInterface {
  readonly name = 'Destinations1795279140000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `CREATE TABLE submissions.destinations (
         tenant_id uuid NOT NULL,
         address text NOT NULL CHECK (char_length(address) = 56),
         account_exists boolean NOT NULL,
         memo_required boolean NOT NULL,
         -- By asset (code:issuer): the room in stroops as a decimal text, or null where the issuer has not authorised it.
         lines jsonb NOT NULL,
         is_partial boolean NOT NULL,
         -- A payment to it failed since: it is looked at again.
         failed boolean NOT NULL DEFAULT false,
         checked_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, address))`,
      ...tenantTable('submissions.destinations', {
        recipientApi: 'select, insert, update',
        transactionSubmission: 'select, insert, update',
      }),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE submissions.destinations');
  }
}

export const destinationsMigrations: readonly Migration[] = [Destinations1795279140000];
