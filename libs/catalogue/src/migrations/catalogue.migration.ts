import { type Migration, schemaFor, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const GRANTS = {
  dashboardApi: 'select, insert, update, delete',
  recipientApi: 'select',
  disbursementCore: 'select',
  messaging: 'select',
} as const;

class Catalogue1763700200000 implements MigrationInterface {
  readonly name = 'Catalogue1763700200000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      ...schemaFor('catalogue'),
      `CREATE TABLE catalogue.assets (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         code text NOT NULL CHECK (code ~ '^[A-Za-z0-9]{1,12}$'),
         issuer text NOT NULL CHECK ((issuer = '' AND code = 'XLM') OR issuer ~ '^G[A-Z2-7]{55}$'),
         created_at timestamptz NOT NULL DEFAULT now(),
         updated_at timestamptz NOT NULL DEFAULT now(),
         deleted_at timestamptz,
         PRIMARY KEY (tenant_id, id),
         UNIQUE (tenant_id, code, issuer))`,
      ...tenantTable('catalogue.assets', GRANTS),
      `CREATE TABLE catalogue.wallets (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 30),
         homepage text NOT NULL CHECK (char_length(homepage) <= 255),
         sep_10_client_domain text NOT NULL DEFAULT '' CHECK (char_length(sep_10_client_domain) <= 255),
         deep_link_schema text NOT NULL CHECK (char_length(deep_link_schema) <= 255),
         enabled boolean NOT NULL DEFAULT true,
         user_managed boolean NOT NULL DEFAULT false,
         embedded boolean NOT NULL DEFAULT false,
         created_at timestamptz NOT NULL DEFAULT now(),
         updated_at timestamptz NOT NULL DEFAULT now(),
         deleted_at timestamptz,
         PRIMARY KEY (tenant_id, id),
         UNIQUE (tenant_id, name),
         UNIQUE (tenant_id, homepage),
         UNIQUE (tenant_id, deep_link_schema))`,
      `CREATE UNIQUE INDEX wallets_user_managed ON catalogue.wallets (tenant_id) WHERE user_managed`,
      `CREATE INDEX wallets_client_domain ON catalogue.wallets (tenant_id, sep_10_client_domain)`,
      ...tenantTable('catalogue.wallets', GRANTS),
      `CREATE TABLE catalogue.wallet_assets (
         tenant_id uuid NOT NULL,
         wallet_id uuid NOT NULL,
         asset_id uuid NOT NULL,
         PRIMARY KEY (tenant_id, wallet_id, asset_id),
         FOREIGN KEY (tenant_id, wallet_id) REFERENCES catalogue.wallets (tenant_id, id),
         FOREIGN KEY (tenant_id, asset_id) REFERENCES catalogue.assets (tenant_id, id))`,
      ...tenantTable('catalogue.wallet_assets', GRANTS),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA catalogue CASCADE');
  }
}

export const catalogueMigrations: readonly Migration[] = [Catalogue1763700200000];
