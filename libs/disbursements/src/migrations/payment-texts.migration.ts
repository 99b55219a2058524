import {
  APP_ROLES,
  type Migration,
  OFTEN_VACUUMED,
  searchableTable,
  searchFunction,
  setVacuum,
  tenantTable,
} from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLE = 'disbursements.payment_texts';
const INDEX_OF_BEFORE = `CREATE INDEX payments_external_text ON disbursements.payments
  USING gin (tenant_id, lower(external_payment_id) gin_trgm_ops) WHERE external_payment_id IS NOT NULL`;

const BY_TEXT = `SELECT t.payment_id AS id FROM ${TABLE} t WHERE t.tenant_id = $1 AND t.external_text LIKE $2 LIMIT $3`;
const BY_TEXT_BEFORE = `SELECT p.id FROM disbursements.payments p
               WHERE p.tenant_id = $1 AND lower(p.external_payment_id) LIKE $2 LIMIT $3`;

/**
 * The external ids that people look for apart from the payments. Each status of a payment is another version of its row, with an entry
 * in each of its indexes, and the entries of an index of parts of texts cost more than those of four others together.
 */
class PaymentTexts1795328580000 implements MigrationInterface {
  readonly name = 'PaymentTexts1795328580000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      // Written with the payment, and gone with it. In lower case.
      `CREATE TABLE ${TABLE} (
         tenant_id uuid NOT NULL,
         payment_id uuid NOT NULL,
         external_text text NOT NULL,
         PRIMARY KEY (tenant_id, payment_id))`,
      `INSERT INTO ${TABLE} (tenant_id, payment_id, external_text)
       SELECT tenant_id, id, lower(external_payment_id) FROM disbursements.payments WHERE external_payment_id IS NOT NULL`,
      `CREATE INDEX payment_texts_text ON ${TABLE} USING gin (tenant_id, external_text gin_trgm_ops)`,
      ...tenantTable(TABLE, { dashboardApi: 'select, insert, delete' }),
      ...searchableTable(TABLE),
      ...searchBy(BY_TEXT),
      'DROP INDEX disbursements.payments_external_text',
    ];
    for (const statement of statements) await runner.query(statement);
    await setVacuum(runner, { [TABLE]: OFTEN_VACUUMED });
  }

  async down(runner: QueryRunner): Promise<void> {
    const statements = [INDEX_OF_BEFORE, ...searchBy(BY_TEXT_BEFORE), `DROP TABLE ${TABLE}`];
    for (const statement of statements) await runner.query(statement);
  }
}

/** As before in all but the first part, which finds payments by their external id. */
const searchBy = (externalId: string): string[] => [
  `DROP FUNCTION disbursements.payments_with_text(text, integer)`,
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
             (${externalId})
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

export const paymentTextsMigrations: readonly Migration[] = [PaymentTexts1795328580000];
