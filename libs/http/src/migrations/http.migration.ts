import { type Migration, schemaFor, systemTable, tenantTable } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const KEPT_ANSWERS = 'select, insert, update, delete';

class Http1763700150000 implements MigrationInterface {
  readonly name = 'Http1763700150000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      ...schemaFor('http'),
      // Written on every request and worth nothing after 40 seconds: no write-ahead log for it.
      `CREATE UNLOGGED TABLE http.rate_limits (
         key bytea PRIMARY KEY CHECK (octet_length(key) = 32),
         window_number bigint NOT NULL,
         hits integer NOT NULL,
         hits_before integer NOT NULL) WITH (fillfactor = 50)`,
      ...systemTable('http.rate_limits', { dashboardApi: KEPT_ANSWERS, recipientApi: KEPT_ANSWERS }),
      `CREATE TABLE http.idempotency_keys (
         tenant_id uuid NOT NULL,
         scope text NOT NULL,
         key text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 255),
         body_hash bytea NOT NULL CHECK (octet_length(body_hash) = 32),
         status integer,
         body text,
         created_at timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant_id, scope, key))`,
      `CREATE INDEX idempotency_keys_age ON http.idempotency_keys (tenant_id, created_at)`,
      ...tenantTable('http.idempotency_keys', { dashboardApi: KEPT_ANSWERS, recipientApi: KEPT_ANSWERS }),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA http CASCADE');
  }
}

export const httpMigrations: readonly Migration[] = [Http1763700150000];
