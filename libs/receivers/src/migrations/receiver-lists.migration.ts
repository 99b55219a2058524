import { APP_ROLES, type Migration, searchableTable, searchFunction } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What lists of receivers are read through: their orders, their filters, and the text that people look for. */
class ReceiverLists1795278600000 implements MigrationInterface {
  readonly name = 'ReceiverLists1795278600000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `CREATE EXTENSION IF NOT EXISTS pg_trgm`,
      `CREATE EXTENSION IF NOT EXISTS btree_gin`,
      `CREATE INDEX receivers_created ON receivers.receivers (tenant_id, created_at, id)`,
      `CREATE INDEX receivers_updated ON receivers.receivers (tenant_id, updated_at, id) INCLUDE (created_at)`,
      `CREATE INDEX receivers_text ON receivers.receivers
         USING gin (tenant_id, phone_number gin_trgm_ops, email gin_trgm_ops)`,
      `CREATE INDEX receiver_wallets_status ON receivers.receiver_wallets (tenant_id, status, receiver_id)`,
      `CREATE INDEX receiver_wallets_address_text ON receivers.receiver_wallets
         USING gin (tenant_id, stellar_address gin_trgm_ops) WHERE stellar_address IS NOT NULL`,
      ...searchableTable('receivers.receivers'),
      ...searchableTable('receivers.receiver_wallets'),
      // Up to so many ids of receivers that have the text in their phone number or e-mail address, or whose id begins with it.
      `CREATE FUNCTION receivers.receivers_with_text(wanted text, most integer) RETURNS SETOF uuid
       LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1000 AS $$
       DECLARE
         tenant uuid := public.current_tenant();
         part text := '%' || regexp_replace(lower(wanted), '([\\\\%_])', '\\\\\\1', 'g') || '%';
         digits text := replace(lower(wanted), '-', '');
         is_id boolean := digits ~ '^[0-9a-f]{1,32}$';
       BEGIN
         RETURN QUERY EXECUTE $query$
           SELECT id FROM (
             (SELECT r.id FROM receivers.receivers r WHERE r.tenant_id = $1 AND r.phone_number LIKE $2 LIMIT $3)
             UNION
             (SELECT r.id FROM receivers.receivers r WHERE r.tenant_id = $1 AND r.email LIKE $2 LIMIT $3)
             UNION
             (SELECT r.id FROM receivers.receivers r
               WHERE r.tenant_id = $1 AND $4 IS NOT NULL AND r.id BETWEEN $4 AND $5 LIMIT $3)) AS found
           LIMIT $3
         $query$ USING tenant, part, most,
           CASE WHEN is_id THEN rpad(digits, 32, '0')::uuid END, CASE WHEN is_id THEN rpad(digits, 32, 'f')::uuid END;
       END $$`,
      ...searchFunction('receivers', 'receivers_with_text(text, integer)', [APP_ROLES.dashboardApi]),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION receivers.receivers_with_text(text, integer)');
    for (const table of ['receivers', 'receiver_wallets']) {
      await runner.query(`DROP POLICY search ON receivers.${table}`);
    }
    for (const index of ['receivers_created', 'receivers_updated', 'receivers_text']) {
      await runner.query(`DROP INDEX receivers.${index}`);
    }
    await runner.query('DROP INDEX receivers.receiver_wallets_status');
    await runner.query('DROP INDEX receivers.receiver_wallets_address_text');
  }
}

export const receiverListsMigrations: readonly Migration[] = [ReceiverLists1795278600000];
