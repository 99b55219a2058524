import { APP_ROLES, isMostlyOwn, type Migration, searchFunction } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

import { receiversWithCandidates } from './late-receivers.migration';

const SIGNATURE = 'receivers.receivers_with_text(text, integer)';
const COLUMNS = 'r.tenant_id, r.id, r.created_at, r.updated_at, r.brought_by, r.shared_with';
const PEOPLE = 'receivers.receivers r';

const BY_EMAIL = `(SELECT ${COLUMNS} FROM ${PEOPLE} WHERE %1$s AND r.email LIKE $2 LIMIT $3)`;
const BY_PHONE = `(SELECT ${COLUMNS} FROM ${PEOPLE} WHERE %1$s AND r.phone_number LIKE $2 LIMIT $3)`;
const BY_IDS = `(SELECT ${COLUMNS} FROM ${PEOPLE} WHERE r.tenant_id = $1 AND r.id = ANY ($4) LIMIT $3)`;
const BY_BEGINNING = `(SELECT ${COLUMNS} FROM ${PEOPLE} WHERE r.tenant_id = $1 AND r.id BETWEEN $5 AND $6 LIMIT $3)`;

const FIRST = (contact: string): string =>
  `(SELECT r.id, r.phone_number, r.email FROM ${PEOPLE} WHERE %1$s AND r.${contact} LIKE $2 LIMIT 21)`;
const LOOK = `SELECT count(*) > 20, array_agg(c.id) FILTER (WHERE strpos(c.phone_number, $3) > 0 OR strpos(c.email, $3) > 0)
    FROM (${FIRST('email')} UNION ALL ${FIRST('phone_number')}) c`;

const RECEIVERS_WITH_TEXT = [
  `DROP FUNCTION ${SIGNATURE}`,
  `CREATE FUNCTION receivers.receivers_with_text(wanted text, most integer)
   RETURNS TABLE (tenant_id uuid, id uuid, created_at timestamptz, updated_at timestamptz, brought_by uuid, shared_with uuid[])
   LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1000 AS $$
   DECLARE
     tenant uuid := public.current_tenant();
     part text := '%' || regexp_replace(lower(wanted), '([\\\\%_])', '\\\\\\1', 'g') || '%';
     candidates text := '%' || right((regexp_match(wanted, '([0-9]{6,})[^0-9]*$'))[1], 6) || '%';
     many boolean := candidates IS NULL OR length(wanted) < 9;
     few uuid[];
     digits text := replace(lower(wanted), '-', '');
     is_id boolean := digits ~ '^[0-9a-f]{1,32}$';
     is_of_phone boolean := wanted ~ '^[+]?[0-9]+$';
     -- As text it is no condition of the index, and is compared with what the rest of the condition has found.
     own text := CASE WHEN ${isMostlyOwn('receivers.receivers', 'tenant')} THEN 'r.tenant_id::text = $1::text' ELSE 'r.tenant_id = $1' END;
     parts text[];
   BEGIN
     IF NOT many THEN
       EXECUTE format($look$${LOOK}$look$, own) INTO many, few USING tenant, candidates, lower(wanted);
     END IF;
     IF many THEN
       parts := parts || format($part$${BY_EMAIL}$part$, own);
       IF is_of_phone THEN
         parts := parts || format($part$${BY_PHONE}$part$, own);
       END IF;
     ELSE
       parts := parts || $part$${BY_IDS}$part$::text;
     END IF;
     IF is_id THEN
       parts := parts || $part$${BY_BEGINNING}$part$::text;
     END IF;
     RETURN QUERY EXECUTE 'SELECT * FROM (' || array_to_string(parts, ' UNION ') || ') AS found LIMIT $3' USING tenant, part, most, few,
       CASE WHEN is_id THEN rpad(digits, 32, '0')::uuid END, CASE WHEN is_id THEN rpad(digits, 32, 'f')::uuid END;
   END $$`,
  ...searchFunction('receivers', 'receivers_with_text(text, integer)', [APP_ROLES.dashboardApi]),
];

/** As for payments (`PaymentSearch`): only where the text can be, and without the tenant in the index for who has most of the people. */
class ReceiverSearch1795411000000 implements MigrationInterface {
  readonly name = 'ReceiverSearch1795411000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of RECEIVERS_WITH_TEXT) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of receiversWithCandidates) await runner.query(statement);
  }
}

export const receiverSearchMigrations: readonly Migration[] = [ReceiverSearch1795411000000];
