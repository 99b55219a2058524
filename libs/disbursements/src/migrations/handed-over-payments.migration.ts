import { APP_ROLES, type Migration, SEARCH_ROLE, searchFunction } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets transaction-submission check whose payments it was handed, and reads nothing else of them. */
class HandedOverPayments1795279573000 implements MigrationInterface {
  readonly name = 'HandedOverPayments1795279573000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `GRANT USAGE ON SCHEMA tenants TO ${SEARCH_ROLE}`,
      `GRANT SELECT (id) ON tenants.tenants TO ${SEARCH_ROLE}`,
      // Those of these payments that are not of the tenant at hand but of another one. One that is nobody's is not among them.
      `CREATE FUNCTION disbursements.payments_of_others(wanted uuid[]) RETURNS SETOF uuid
       LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
         WITH missing AS MATERIALIZED (
           SELECT w.id FROM unnest(wanted) AS w (id)
            WHERE NOT EXISTS (SELECT FROM disbursements.payments p
                               WHERE p.tenant_id = public.current_tenant() AND p.id = w.id))
         SELECT m.id FROM missing m
          WHERE EXISTS (SELECT FROM tenants.tenants t JOIN disbursements.payments p ON p.tenant_id = t.id
                         WHERE p.id = m.id AND t.id <> public.current_tenant())
       $$`,
      ...searchFunction('disbursements', 'payments_of_others(uuid[])', [APP_ROLES.transactionSubmission]),
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION disbursements.payments_of_others(uuid[])');
    await runner.query(`REVOKE SELECT (id) ON tenants.tenants FROM ${SEARCH_ROLE}`);
    await runner.query(`REVOKE USAGE ON SCHEMA tenants FROM ${SEARCH_ROLE}`);
  }
}

export const handedOverPaymentsMigrations: readonly Migration[] = [HandedOverPayments1795279573000];
