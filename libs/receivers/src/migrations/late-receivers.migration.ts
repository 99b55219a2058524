import { APP_ROLES, type Migration, searchFunction } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = 'r.tenant_id, r.id, r.created_at, r.updated_at, r.brought_by, r.shared_with';
const PEOPLE = 'receivers.receivers r';

interface ByContact {
  readonly declared: string;
  /** Whether there are few people with the last digits of the text. */
  readonly look: string;
  /** Finds people by their contacts. */
  readonly parts: string;
  readonly using: string;
}

const withCandidates = (columns: string): string =>
  `(SELECT ${columns} FROM ${PEOPLE} WHERE r.tenant_id = $1 AND r.phone_number LIKE $2 LIMIT 21)
   UNION ALL (SELECT ${columns} FROM ${PEOPLE} WHERE r.tenant_id = $1 AND r.email LIKE $2 LIMIT 21)`;
const byContact = (condition: (contact: string) => string): string =>
  ['r.phone_number', 'r.email']
    .map((contact) => `(SELECT ${COLUMNS} FROM ${PEOPLE} WHERE ${condition(contact)} LIMIT $3)`)
    .join(' UNION ');

/** The few people who have the last digits are kept from the first look, as payments are (`PaymentCandidates`). */
const ONCE: ByContact = {
  declared: 'few uuid[];',
  look: `SELECT count(*) > 20, array_agg(c.id) FILTER (WHERE strpos(c.phone_number, $3) > 0 OR strpos(c.email, $3) > 0)
           FROM (${withCandidates('r.id, r.phone_number, r.email')}) c'
           INTO many, few USING tenant, candidates, lower(wanted)`,
  parts: `${byContact((contact) => `$6 AND r.tenant_id = $1 AND ${contact} LIKE $2`)}
          UNION (SELECT ${COLUMNS} FROM ${PEOPLE} WHERE NOT $6 AND r.tenant_id = $1 AND r.id = ANY ($7) LIMIT $3)`,
  using: 'many, few',
};
const TWICE: ByContact = {
  declared: '',
  look: `SELECT count(*) > 20 FROM (${withCandidates('')}) few' INTO many USING tenant, candidates`,
  parts: byContact((contact) => `r.tenant_id = $1 AND ${contact} LIKE $6 AND strpos(${contact}, $7) > 0`),
  using: 'CASE WHEN many THEN part ELSE candidates END, lower(wanted)',
};

const searchBy = ({ declared, look, parts, using }: ByContact): string[] => [
  'DROP FUNCTION receivers.receivers_with_text(text, integer)',
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
     ${declared}
   BEGIN
     IF NOT many THEN
       EXECUTE '${look};
     END IF;
     RETURN QUERY EXECUTE $query$
       SELECT * FROM (
         ${parts}
         UNION
         (SELECT ${COLUMNS} FROM ${PEOPLE}
           WHERE r.tenant_id = $1 AND $4 IS NOT NULL AND r.id BETWEEN $4 AND $5 LIMIT $3)) AS found
       LIMIT $3
     $query$ USING tenant, part, most,
       CASE WHEN is_id THEN rpad(digits, 32, '0')::uuid END, CASE WHEN is_id THEN rpad(digits, 32, 'f')::uuid END,
       ${using};
   END $$`,
  ...searchFunction('receivers', 'receivers_with_text(text, integer)', [APP_ROLES.dashboardApi]),
];

/** For the way back of what came later. */
export const receiversWithCandidates: readonly string[] = searchBy(ONCE);

/**
 * As for payments (`LatePayments`): people of before some day by their last change. Of a long text that ends in a number the index of
 * parts is gone through once.
 */
class LateReceivers1795376160000 implements MigrationInterface {
  readonly name = 'LateReceivers1795376160000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      `CREATE INDEX receivers_late ON receivers.receivers (tenant_id, updated_at, id) INCLUDE (created_at, brought_by, shared_with)
        WHERE updated_at - created_at > interval '168 hours'`,
      ...receiversWithCandidates,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of ['DROP INDEX receivers.receivers_late', ...searchBy(TWICE)])
      await runner.query(statement);
  }
}

export const lateReceiversMigrations: readonly Migration[] = [LateReceivers1795376160000];
