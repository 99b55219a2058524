import { type Migration, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How much of an asset an organisation may pay in an hour, and how much it did pay, where there is such a ceiling. */
class OutflowCeilings1795279560000 implements MigrationInterface {
  readonly name = 'OutflowCeilings1795279560000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `CREATE TABLE submissions.outflow_ceilings (
         tenant_id uuid NOT NULL,
         asset_code text NOT NULL,
         -- Empty for XLM.
         asset_issuer text NOT NULL,
         -- In stroops.
         per_hour bigint NOT NULL CHECK (per_hour > 0),
         -- When payments had to wait for it last.
         reached_at timestamptz,
         created_at timestamptz NOT NULL DEFAULT now(),
         updated_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, asset_code, asset_issuer))`,
      ...tenantTable(
        'submissions.outflow_ceilings',
        {
          dashboardApi: 'select, insert, update, delete',
          disbursementCore: 'select',
          transactionSubmission: 'select, insert, update, delete',
        },
        ['transactionSubmission'],
      ),
      // What was signed in each minute and has not ended unpaid.
      `CREATE TABLE submissions.outflow_minutes (
         tenant_id uuid NOT NULL,
         asset_code text NOT NULL,
         asset_issuer text NOT NULL,
         minute timestamptz NOT NULL,
         -- In stroops; together they may be more than a bigint holds.
         amount numeric(30) NOT NULL CHECK (amount >= 0),
         PRIMARY KEY (tenant_id, asset_code, asset_issuer, minute))`,
      ...tenantTable('submissions.outflow_minutes', {
        dashboardApi: 'select, insert, update, delete',
        disbursementCore: 'select, update (amount)',
        transactionSubmission: 'select, insert, update, delete',
      }),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE submissions.outflow_minutes, submissions.outflow_ceilings');
  }
}

export const outflowCeilingsMigrations: readonly Migration[] = [OutflowCeilings1795279560000];
