import { APP_ROLES, type Migration, searchFunction } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const SIGNATURE = 'receivers.receivers_with_text(text, integer)';
const COLUMNS = 'r.tenant_id, r.id, r.created_at, r.updated_at, r.brought_by, r.shared_with';
const PEOPLE = 'receivers.receivers r';

/** As for payments (`PaymentHits`): what lists are ordered and filtered by comes with each id, and few candidates by the last six digits. */
class ReceiverHits1795329720000 implements MigrationInterface {
  readonly name = 'ReceiverHits1795329720000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `DROP FUNCTION ${SIGNATURE}`,
      `CREATE FUNCTION receivers.receivers_with_text(wanted text, most integer)
       RETURNS TABLE (tenant_id uuid, id uuid, created_at timestamptz, updated_at timestamptz, brought_by uuid, shared_with uuid[])
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
           EXECUTE 'SELECT count(*) > 20 FROM (
               (SELECT FROM ${PEOPLE} WHERE r.tenant_id = $1 AND r.phone_number LIKE $2 LIMIT 21)
               UNION ALL (SELECT FROM ${PEOPLE} WHERE r.tenant_id = $1 AND r.email LIKE $2 LIMIT 21)) few'
             INTO many USING tenant, candidates;
         END IF;
         RETURN QUERY EXECUTE $query$
           SELECT * FROM (
             (SELECT ${COLUMNS} FROM ${PEOPLE}
               WHERE r.tenant_id = $1 AND r.phone_number LIKE $2 AND strpos(r.phone_number, $6) > 0 LIMIT $3)
             UNION
             (SELECT ${COLUMNS} FROM ${PEOPLE}
               WHERE r.tenant_id = $1 AND r.email LIKE $2 AND strpos(r.email, $6) > 0 LIMIT $3)
             UNION
             (SELECT ${COLUMNS} FROM ${PEOPLE}
               WHERE r.tenant_id = $1 AND $4 IS NOT NULL AND r.id BETWEEN $4 AND $5 LIMIT $3)) AS found
           LIMIT $3
         $query$ USING tenant, CASE WHEN many THEN part ELSE candidates END, most,
           CASE WHEN is_id THEN rpad(digits, 32, '0')::uuid END, CASE WHEN is_id THEN rpad(digits, 32, 'f')::uuid END,
           lower(wanted);
       END $$`,
      ...granted,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const statements = [
      `DROP FUNCTION ${SIGNATURE}`,
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
             (SELECT r.id FROM ${PEOPLE} WHERE r.tenant_id = $1 AND r.phone_number LIKE $2 LIMIT $3)
             UNION
             (SELECT r.id FROM ${PEOPLE} WHERE r.tenant_id = $1 AND r.email LIKE $2 LIMIT $3)
             UNION
             (SELECT r.id FROM ${PEOPLE}
               WHERE r.tenant_id = $1 AND $4 IS NOT NULL AND r.id BETWEEN $4 AND $5 LIMIT $3)) AS found
           LIMIT $3
         $query$ USING tenant, part, most,
           CASE WHEN is_id THEN rpad(digits, 32, '0')::uuid END, CASE WHEN is_id THEN rpad(digits, 32, 'f')::uuid END;
       END $$`,
      ...granted,
    ];
    for (const statement of statements) await runner.query(statement);
  }
}

const granted = searchFunction('receivers', 'receivers_with_text(text, integer)', [APP_ROLES.dashboardApi]);

export const receiverHitsMigrations: readonly Migration[] = [ReceiverHits1795329720000];
