import { APP_ROLES, type Migration, searchFunction } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = 'p.tenant_id, p.id, p.created_at, p.updated_at, p.status, p.type, p.receiver_id';
const TEXTS = 'disbursements.payment_texts t';

interface ByText {
  readonly declared: string;
  /** Whether there are few payments with the last digits of the text. */
  readonly look: string;
  /** Finds payments by their external id. */
  readonly parts: string;
  readonly using: string;
}

/** The few payments that have the last digits are kept from the first look: to go through the index once more took as long again. */
const ONCE: ByText = {
  declared: 'few uuid[];',
  look: `SELECT count(*) > 20, array_agg(c.payment_id) FILTER (WHERE strpos(c.external_text, $3) > 0)
           FROM (SELECT t.payment_id, t.external_text FROM ${TEXTS} WHERE t.tenant_id = $1 AND t.external_text LIKE $2 LIMIT 21) c'
           INTO many, few USING tenant, candidates, lower(wanted)`,
  parts: `(SELECT ${COLUMNS} FROM ${TEXTS}
             JOIN disbursements.payments p ON p.tenant_id = t.tenant_id AND p.id = t.payment_id
            WHERE $6 AND t.tenant_id = $1 AND t.external_text LIKE $2 LIMIT $3)
          UNION
          (SELECT ${COLUMNS} FROM disbursements.payments p WHERE NOT $6 AND p.tenant_id = $1 AND p.id = ANY ($7) LIMIT $3)`,
  using: 'many, few',
};
const TWICE: ByText = {
  declared: '',
  look: `SELECT count(*) > 20 FROM (SELECT FROM ${TEXTS} WHERE t.tenant_id = $1 AND t.external_text LIKE $2 LIMIT 21) few'
           INTO many USING tenant, candidates`,
  parts: `(SELECT ${COLUMNS} FROM ${TEXTS}
             JOIN disbursements.payments p ON p.tenant_id = t.tenant_id AND p.id = t.payment_id
            WHERE t.tenant_id = $1 AND t.external_text LIKE $6 AND strpos(t.external_text, $7) > 0 LIMIT $3)`,
  using: 'CASE WHEN many THEN part ELSE candidates END, lower(wanted)',
};

const searchBy = ({ declared, look, parts, using }: ByText): string[] => [
  `DROP FUNCTION disbursements.payments_with_text(text, integer)`,
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
     ${declared}
   BEGIN
     IF NOT many THEN
       EXECUTE '${look};
     END IF;
     RETURN QUERY EXECUTE $query$
       SELECT * FROM (
         ${parts}
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
       ${using};
   END $$`,
  ...searchFunction('disbursements', 'payments_with_text(text, integer)', [APP_ROLES.dashboardApi]),
];

/** Of a long text that ends in a number the index of parts is gone through once. */
class PaymentCandidates1795342380000 implements MigrationInterface {
  readonly name = 'PaymentCandidates1795342380000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of paymentsWithCandidates) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of searchBy(TWICE)) await runner.query(statement);
  }
}

/** For the way back of what came later. */
export const paymentsWithCandidates: readonly string[] = searchBy(ONCE);

export const paymentCandidatesMigrations: readonly Migration[] = [PaymentCandidates1795342380000];
