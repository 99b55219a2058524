import { APP_ROLES, type Migration, searchFunction } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const SIGNATURE = 'disbursements.payments_with_text(text, integer)';
const COLUMNS = 'p.tenant_id, p.id, p.created_at, p.updated_at, p.status, p.type, p.receiver_id';
const TEXTS = 'disbursements.payment_texts t';

/**
 * A search returns with each payment what lists are ordered and filtered by. To read thousands of them once more by their ids, only to
 * show twenty, took five times as long as to find them.
 *
 * Of a long text, parts that nearly all payments have ("PAY-000…") make the index of parts slow. Where it ends in a number, the last six
 * digits find a few candidates in a fifth of the time, and each is compared with the whole text. Where they are not few, all parts decide.
 */
class PaymentHits1795329660000 implements MigrationInterface {
  readonly name = 'PaymentHits1795329660000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `DROP FUNCTION ${SIGNATURE}`,
      `CREATE FUNCTION disbursements.payments_with_text(wanted text, most integer)
       RETURNS TABLE (tenant_id uuid, id uuid, created_at timestamptz, updated_at timestamptz, status text, type text, receiver_id uuid)
       LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1000 AS $$
       DECLARE
         tenant uuid := public.current_tenant();
         part text := '%' || regexp_replace(lower(wanted), '([\\\\%_])', '\\\\\\1', 'g') || '%';
         candidates text := '%' || right((regexp_match(wanted, '([0-9]{6,})[^0-9]*$'))[1], 6) || '%';
         many boolean := candidates IS NULL OR length(wanted) < 9;
         digits text := replace(lower(wanted), '-', '');
         is_id boolean := digits ~ '^[0-9a-f]{1,32}$';
       BEGIN
         IF NOT many THEN
           EXECUTE 'SELECT count(*) > 20 FROM (SELECT FROM ${TEXTS} WHERE t.tenant_id = $1 AND t.external_text LIKE $2 LIMIT 21) few'
             INTO many USING tenant, candidates;
         END IF;
         RETURN QUERY EXECUTE $query$
           SELECT * FROM (
             (SELECT ${COLUMNS} FROM ${TEXTS}
                JOIN disbursements.payments p ON p.tenant_id = t.tenant_id AND p.id = t.payment_id
               WHERE t.tenant_id = $1 AND t.external_text LIKE $6 AND strpos(t.external_text, $7) > 0 LIMIT $3)
             UNION
             (SELECT ${COLUMNS} FROM receivers.receiver_wallets w
                JOIN disbursements.payments p ON p.tenant_id = w.tenant_id AND p.receiver_wallet_id = w.id
               WHERE w.tenant_id = $1 AND w.stellar_address LIKE upper($2) LIMIT $3)
             UNION
             (SELECT ${COLUMNS} FROM disbursements.disbursements d
                JOIN disbursements.payments p ON p.tenant_id = d.tenant_id AND p.disbursement_id = d.id
               WHERE d.tenant_id = $1 AND lower(d.name) LIKE $2 LIMIT $3)
             UNION
             (SELECT ${COLUMNS} FROM disbursements.payments p
               WHERE p.tenant_id = $1 AND $4 IS NOT NULL AND p.id BETWEEN $4 AND $5 LIMIT $3)) AS found
           LIMIT $3
         $query$ USING tenant, part, most,
           CASE WHEN is_id THEN rpad(digits, 32, '0')::uuid END, CASE WHEN is_id THEN rpad(digits, 32, 'f')::uuid END,
           CASE WHEN many THEN part ELSE candidates END, lower(wanted);
       END $$`,
      ...granted,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const statements = [
      `DROP FUNCTION ${SIGNATURE}`,
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
             (SELECT t.payment_id AS id FROM ${TEXTS} WHERE t.tenant_id = $1 AND t.external_text LIKE $2 LIMIT $3)
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
      ...granted,
    ];
    for (const statement of statements) await runner.query(statement);
  }
}

const granted = searchFunction('disbursements', 'payments_with_text(text, integer)', [
  APP_ROLES.dashboardApi,
]);

export const paymentHitsMigrations: readonly Migration[] = [PaymentHits1795329660000];
