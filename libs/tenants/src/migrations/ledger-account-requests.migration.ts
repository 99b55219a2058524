import { type Migration, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

class LedgerAccountRequests1763700110000 implements MigrationInterface {
  readonly name = 'LedgerAccountRequests1763700110000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      // What was asked of transaction-submission about the tenant's ledger account, and what came back.
      `CREATE TABLE tenants.ledger_account_requests (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         action text NOT NULL CHECK (action IN ('create-account', 'trust-asset', 'remove-asset')),
         asset_id uuid,
         -- Null until the answer is there.
         outcome text CHECK (outcome IN ('done', 'refused')),
         reason text,
         created_at timestamptz NOT NULL DEFAULT now(),
         answered_at timestamptz,
         PRIMARY KEY (tenant_id, id),
         CHECK ((action = 'create-account') = (asset_id IS NULL)))`,
      // Repeating a request that is still open asks nothing new.
      `CREATE UNIQUE INDEX ledger_account_requests_open ON tenants.ledger_account_requests (tenant_id, action, asset_id)
         NULLS NOT DISTINCT WHERE outcome IS NULL`,
      ...tenantTable('tenants.ledger_account_requests', { dashboardApi: 'select, insert, update' }),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE tenants.ledger_account_requests');
  }
}

export const ledgerAccountRequestsMigrations: readonly Migration[] = [LedgerAccountRequests1763700110000];
