import { APP_ROLES, type Migration, searchableTable, searchFunction } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What lists of payments are read through: their orders, their filters, and the text that people look for. */
class PaymentLists1795278660000 implements MigrationInterface {
  readonly name = 'PaymentLists1795278660000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `CREATE EXTENSION IF NOT EXISTS pg_trgm`,
      `CREATE EXTENSION IF NOT EXISTS btree_gin`,
      `CREATE INDEX payments_created ON disbursements.payments (tenant_id, created_at, id)`,
      // Going along the time of the last change for payments made in some days looks at very many: it needs no row for that.
      `DROP INDEX disbursements.payments_updated`,
      `CREATE INDEX payments_updated ON disbursements.payments (tenant_id, updated_at, id) INCLUDE (created_at)`,
      `CREATE INDEX payments_status ON disbursements.payments (tenant_id, status, updated_at, id) INCLUDE (created_at)`,
      `CREATE INDEX payments_status_created ON disbursements.payments (tenant_id, status, created_at, id)`,
      `CREATE INDEX payments_direct ON disbursements.payments (tenant_id, updated_at, id) WHERE type = 'DIRECT'`,
      `CREATE INDEX payments_external_text ON disbursements.payments
         USING gin (tenant_id, lower(external_payment_id) gin_trgm_ops) WHERE external_payment_id IS NOT NULL`,
      ...searchableTable('disbursements.payments'),
      ...searchableTable('disbursements.disbursements'),
      // Up to so many ids of payments that have the text in their external id, in the address that they go to or in the name
      // of their disbursement, or whose own id begins with it. Each part has an index; the limit bounds them all.
      `CREATE FUNCTION disbursements.payments_with_text(wanted text, most integer) RETURNS SETOF uuid
       LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1000 AS $$
       DECLARE
         tenant uuid := public.current_tenant();
         part text := '%' || regexp_replace(lower(wanted), '([\\\\%_])', '\\\\\\1', 'g') || '%';
         digits text := replace(lower(wanted), '-', '');
         is_id boolean := digits ~ '^[0-9a-f]{1,32}$';
       BEGIN
         RETURN QUERY EXECUTE $query$
           SELECT id FROM (
             (SELECT p.id FROM disbursements.payments p
               WHERE p.tenant_id = $1 AND lower(p.external_payment_id) LIKE $2 LIMIT $3)
             UNION
             (SELECT p.id FROM receivers.receiver_wallets w
                JOIN disbursements.payments p ON p.tenant_id = w.tenant_id AND p.receiver_wallet_id = w.id
               WHERE w.tenant_id = $1 AND w.stellar_address LIKE upper($2) LIMIT $3)
             UNION
             (SELECT p.id FROM disbursements.disbursements d
                JOIN disbursements.payments p ON p.tenant_id = d.tenant_id AND p.disbursement_id = d.id
               WHERE d.tenant_id = $1 AND lower(d.name) LIKE $2 LIMIT $3)
             UNION
             (SELECT p.id FROM disbursements.payments p
               WHERE p.tenant_id = $1 AND $4 IS NOT NULL AND p.id BETWEEN $4 AND $5 LIMIT $3)) AS found
           LIMIT $3
         $query$ USING tenant, part, most,
           CASE WHEN is_id THEN rpad(digits, 32, '0')::uuid END, CASE WHEN is_id THEN rpad(digits, 32, 'f')::uuid END;
       END $$`,
      ...searchFunction('disbursements', 'payments_with_text(text, integer)', [APP_ROLES.dashboardApi]),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION disbursements.payments_with_text(text, integer)');
    for (const table of ['payments', 'disbursements']) {
      await runner.query(`DROP POLICY search ON disbursements.${table}`);
    }
    await runner.query('DROP INDEX disbursements.payments_updated');
    await runner.query('CREATE INDEX payments_updated ON disbursements.payments (tenant_id, updated_at, id)');
    for (const index of ['created', 'status', 'status_created', 'direct', 'external_text']) {
      await runner.query(`DROP INDEX disbursements.payments_${index}`);
    }
  }
}

export const paymentListsMigrations: readonly Migration[] = [PaymentLists1795278660000];
