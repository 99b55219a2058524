import { APP_ROLES, isMostlyOwn, type Migration, searchFunction } from '@libs/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

import { paymentsWithCandidates } from './payment-candidates.migration';

const SIGNATURE = 'disbursements.payments_with_text(text, integer)';
const TEXTS = 'disbursements.payment_texts';
const COLUMNS = 'p.tenant_id, p.id, p.created_at, p.updated_at, p.status, p.type, p.receiver_id';

/** Payments by the name of their disbursement; the others are asked for only where the text can be found there. */
const BY_NAME = `(SELECT ${COLUMNS} FROM disbursements.disbursements d
     JOIN disbursements.payments p ON p.tenant_id = d.tenant_id AND p.disbursement_id = d.id
    WHERE d.tenant_id = $1 AND lower(d.name) LIKE $2 LIMIT $3)`;
const BY_TEXT = `(SELECT ${COLUMNS} FROM ${TEXTS} t
     JOIN disbursements.payments p ON p.tenant_id = $1 AND p.id = t.payment_id
    WHERE %s AND t.external_text LIKE $2 LIMIT $3)`;
const BY_ADDRESS = `(SELECT ${COLUMNS} FROM receivers.receiver_wallets w
     JOIN disbursements.payments p ON p.tenant_id = w.tenant_id AND p.receiver_wallet_id = w.id
    WHERE w.tenant_id = $1 AND w.stellar_address LIKE upper($2) LIMIT $3)`;
const BY_IDS = `(SELECT ${COLUMNS} FROM disbursements.payments p
    WHERE p.tenant_id = $1 AND p.id = ANY ($4) LIMIT $3)`;
const BY_BEGINNING = `(SELECT ${COLUMNS} FROM disbursements.payments p
    WHERE p.tenant_id = $1 AND p.id BETWEEN $5 AND $6 LIMIT $3)`;

const LOOK = `SELECT count(*) > 20, array_agg(c.payment_id) FILTER (WHERE strpos(c.external_text, $3) > 0)
    FROM (SELECT t.payment_id, t.external_text FROM ${TEXTS} t WHERE %s AND t.external_text LIKE $2 LIMIT 21) c`;

const PAYMENTS_WITH_TEXT = [
  `DROP FUNCTION ${SIGNATURE}`,
  `CREATE FUNCTION disbursements.payments_with_text(wanted text, most integer)
   RETURNS TABLE (tenant_id uuid, id uuid, created_at timestamptz, updated_at timestamptz, status text, type text, receiver_id uuid)
   LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1000 AS $$
   DECLARE
     tenant uuid := public.current_tenant();
     part text := '%' || regexp_replace(lower(wanted), '([\\\\%_])', '\\\\\\1', 'g') || '%';
     candidates text := '%' || right((regexp_match(wanted, '([0-9]{6,})[^0-9]*$'))[1], 6) || '%';
     many boolean := candidates IS NULL OR length(wanted) < 9;
     few uuid[];
     digits text := replace(lower(wanted), '-', '');
     is_id boolean := digits ~ '^[0-9a-f]{1,32}$';
     -- As text it is no condition of the index, and is compared with what the rest of the condition has found.
     own text := CASE WHEN ${isMostlyOwn(TEXTS, 'tenant')} THEN 't.tenant_id::text = $1::text' ELSE 't.tenant_id = $1' END;
     parts text := $part$${BY_NAME}$part$;
   BEGIN
     IF NOT many THEN
       EXECUTE format($look$${LOOK}$look$, own) INTO many, few USING tenant, candidates, lower(wanted);
     END IF;
     IF many THEN
       parts := parts || ' UNION ' || format($part$${BY_TEXT}$part$, own);
     ELSIF few IS NOT NULL THEN
       parts := parts || $part$ UNION ${BY_IDS}$part$;
     END IF;
     IF wanted ~* '^[a-z2-7]+$' THEN
       parts := parts || $part$ UNION ${BY_ADDRESS}$part$;
     END IF;
     IF is_id THEN
       parts := parts || $part$ UNION ${BY_BEGINNING}$part$;
     END IF;
     RETURN QUERY EXECUTE 'SELECT * FROM (' || parts || ') AS found LIMIT $3' USING tenant, part, most, few,
       CASE WHEN is_id THEN rpad(digits, 32, '0')::uuid END, CASE WHEN is_id THEN rpad(digits, 32, 'f')::uuid END;
   END $$`,
  ...searchFunction('disbursements', 'payments_with_text(text, integer)', [APP_ROLES.dashboardApi]),
];

/**
 * A search asks only where the text can be: an address has no dash and no zero. To plan and to look at all five places took longer than
 * to find. Who has most of the payments is not looked for in the index of parts, where each search read the list of all its payments.
 */
class PaymentSearch1795410000000 implements MigrationInterface {
  readonly name = 'PaymentSearch1795410000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of PAYMENTS_WITH_TEXT) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of paymentsWithCandidates) await runner.query(statement);
  }
}

/** For the way back of what came later. */
export const paymentsWithText: readonly string[] = PAYMENTS_WITH_TEXT;

export const paymentSearchMigrations: readonly Migration[] = [PaymentSearch1795410000000];
