import type { Client } from 'pg';

import { mustBe } from '../benchmark';
import type { Organisation } from '../staff-system';
import { withoutIndexes } from './without-indexes';

export interface YearsOptions {
  readonly payments: number;
  readonly receivers: number;
  /** Everything has ended: nothing is left that a running disbursement-core would pay. */
  readonly ended?: boolean;
}

/** What is in the organisation afterwards, and what tells some of it from the rest. */
export interface Years {
  readonly payments: number;
  readonly receivers: number;
  readonly disbursements: number;
}

const WRITTEN = [
  'receivers.receivers',
  'receivers.receiver_wallets',
  'receivers.verifications',
  'disbursements.payments',
  'disbursements.payment_texts',
];

/** One payment in a hundred is direct; the others are in disbursements of this size. */
export const PAYMENTS_PER_DISBURSEMENT = 500;
export const DIRECT_EACH = 100;
/** Chosen so that numbers near each other go to other people. */
const SPREAD = 7_919;
const YEARS_SECONDS = 3 * 365 * 86_400;

/** The name of the n-th disbursement, the number of the n-th payment and the phone of the n-th person, from 0. */
export const disbursementName = (n: number): string => `Cash assistance round ${String(n)}`;
export const externalPaymentId = (n: number): string => `PAY-${String(n).padStart(9, '0')}`;
export const phoneNumber = (n: number): string => `+${String(254_700_000_000 + n)}`;

/** 'G' and 55 letters that are made of the number alone: the shape of an address, and nobody's. */
const addressOf = (n: string): string =>
  `'G' || left(translate(upper(encode(sha256(${n}::text::bytea), 'hex')), '0189', 'GHIJ'), 55)`;

const history = (entries: readonly (readonly [string, string])[]): string =>
  `jsonb_build_array(${entries
    .map(
      ([status, at]) =>
        `jsonb_build_object('status', ${status}, 'timestamp', ${at}, 'actor', 'system:bench')`,
    )
    .join(', ')})`;

/**
 * Years of an organisation that has paid many people: disbursements with their counters, direct payments, people with a wallet and
 * a verification each. Most is paid; some failed, some was cancelled, some of the newest waits. Written in SQL, as wide as real rows.
 */
export async function addYears(
  sql: Client,
  { tenantId, assetId, walletId, userId }: Organisation,
  { payments, receivers, ended = false }: YearsOptions,
): Promise<Years> {
  const disbursements = Math.ceil(payments / PAYMENTS_PER_DISBURSEMENT);
  const before = await countsOf(sql);
  const at = (share: string): string =>
    `(now() - make_interval(secs => ${String(YEARS_SECONDS)} * (1 - (${share})::float8)))`;
  // The checks of foreign keys, one by one, would take longer than everything else; the rows fit by how they are made.
  await sql.query(`SET session_replication_role = replica`);
  await withoutIndexes(sql, WRITTEN, async () => {
    await sql.query(
      `CREATE TEMP TABLE people AS SELECT n, uuidv7() AS id, uuidv7() AS wallet_id, ${at(`n::float8 / ${String(receivers)}`)} AS at
       FROM generate_series(0, $1::int - 1) AS n`,
      [receivers],
    );
    await sql.query('CREATE UNIQUE INDEX ON people (n)');
    await sql.query('ANALYZE people');
    await sql.query(
      `INSERT INTO receivers.receivers (tenant_id, id, phone_number, email, external_id, created_at, updated_at)
     SELECT $1, id, '+' || (254700000000 + n), CASE WHEN n % 2 = 0 THEN 'person.' || n || '@mail-' || n % 97 || '.example' END,
            'P-' || n, at, at + interval '1 day' FROM people`,
      [tenantId],
    );
    await sql.query(
      `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, status_history, stellar_address,
       invited_at, last_message_sent_at, invitation_sent_at, created_at, updated_at)
     SELECT $1, wallet_id, id, $2, status, ${history([
       [`'DRAFT'`, 'at'],
       [`'READY'`, 'at'],
       ['status', 'at'],
     ])}, CASE WHEN status = 'REGISTERED' THEN ${addressOf('n')} END, at, at, at, at, at + interval '1 day'
       FROM (SELECT *, CASE WHEN n % 10 = 9 THEN 'READY' WHEN n % 500 = 1 THEN 'FLAGGED' ELSE 'REGISTERED' END AS status FROM people) p`,
      [tenantId, walletId],
    );
    await sql.query(
      `INSERT INTO receivers.verifications (tenant_id, receiver_id, verification_field, value_hmac, confirmed_at, created_at, updated_at)
     SELECT $1, id, 'DATE_OF_BIRTH', sha256(n::text::bytea), at, at, at FROM people`,
      [tenantId],
    );
    await sql.query(
      `CREATE TEMP TABLE rounds AS SELECT n, uuidv7() AS id, ${at(`n::float8 / ${String(disbursements)}`)} AS at
       FROM generate_series(0, $1::int - 1) AS n`,
      [disbursements],
    );
    await sql.query(
      `INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount, status,
       status_history, dispatch, dispatched_at, external_payment_id, stellar_transaction_id, stellar_operation_id, sender_address,
       created_at, updated_at)
     SELECT $1, uuidv7(), CASE WHEN direct THEN 'DIRECT' ELSE 'DISBURSEMENT' END, CASE WHEN direct THEN NULL ELSE r.id END, p.id, p.wallet_id,
            $2, 10000000 + k % 999983, status, ${history([
              [`'DRAFT'`, 'r.at'],
              [`'READY'`, 'r.at'],
              [`'PENDING'`, 'done'],
              ['status', 'done'],
            ])}, 1, done, 'PAY-' || lpad(k::text, 9, '0'),
            CASE WHEN status = 'SUCCESS' THEN encode(sha256((k / 100)::text::bytea), 'hex') END,
            CASE WHEN status = 'SUCCESS' THEN k::text END, ${addressOf('0')}, r.at, done
       FROM (SELECT k, k % $5::int = 7 AS direct, k / $4::int AS round, (k::bigint * ${String(SPREAD)} % $6::int)::int AS person,
                    CASE WHEN k > $3::int * 0.998 THEN ${ended ? `'CANCELED'` : `'READY'`} WHEN k % 100 = 3 THEN 'FAILED' WHEN k % 200 = 5 THEN 'CANCELED'
                         ELSE 'SUCCESS' END AS status
               FROM generate_series(0, $3::int - 1) AS k) k
       JOIN rounds r ON r.n = k.round JOIN people p ON p.n = k.person
      CROSS JOIN LATERAL (SELECT r.at + make_interval(secs => 60 + (k.k % $4::int) / 100) AS done) d
      ORDER BY k.k`,
      [tenantId, assetId, payments, PAYMENTS_PER_DISBURSEMENT, DIRECT_EACH, receivers],
    );
    await sql.query(
      `INSERT INTO disbursements.payment_texts (tenant_id, payment_id, external_text)
       SELECT tenant_id, id, lower(external_payment_id) FROM disbursements.payments WHERE external_payment_id IS NOT NULL
       ON CONFLICT DO NOTHING`,
    );
    await addDisbursements(sql, { tenantId, assetId, walletId, userId });
  });
  await sql.query('DROP TABLE people, rounds');
  await sql.query(`SET session_replication_role = origin`);
  await sql.query('VACUUM (ANALYZE)');
  await sql.query('CHECKPOINT');
  const after = await countsOf(sql);
  mustBe('payments', after.payments - before.payments, payments);
  mustBe('receivers', after.receivers - before.receivers, receivers);
  return { payments, receivers, disbursements };
}

async function countsOf(sql: Client): Promise<{ readonly payments: number; readonly receivers: number }> {
  const { rows } = await sql.query<{ payments: string; receivers: string }>(
    `SELECT (SELECT count(*) FROM disbursements.payments) AS payments, (SELECT count(*) FROM receivers.receivers) AS receivers`,
  );
  return { payments: Number(rows[0]?.payments), receivers: Number(rows[0]?.receivers) };
}

const STATUSES = ['ready', 'success', 'failed', 'canceled'];

async function addDisbursements(
  sql: Client,
  { tenantId, assetId, walletId, userId }: Organisation,
): Promise<void> {
  const counters = STATUSES.flatMap((status) => [`count_${status}`, `amount_${status}`]);
  const sums = STATUSES.flatMap((status) => [
    `count(*) FILTER (WHERE p.status = upper('${status}'))`,
    `coalesce(sum(p.amount) FILTER (WHERE p.status = upper('${status}')), 0)`,
  ]);
  await sql.query(
    `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, status_history, registration_contact_type,
       verification_field, file_name, current_upload_id, created_by, started_by, created_at, updated_at, ${counters.join(', ')})
     SELECT $1, r.id, 'Cash assistance round ' || r.n, $2, $3,
            CASE WHEN bool_or(p.status = 'READY') THEN 'STARTED' ELSE 'COMPLETED' END,
            ${history([
              [`'DRAFT'`, 'r.at'],
              [`'STARTED'`, 'r.at'],
            ])}, 'PHONE_NUMBER', 'DATE_OF_BIRTH', 'people.csv', uuidv7(), $4, $4, r.at, r.at, ${sums.join(', ')}
       FROM rounds r JOIN disbursements.payments p ON p.disbursement_id = r.id GROUP BY r.id, r.n, r.at`,
    [tenantId, assetId, walletId, userId],
  );
  await sql.query(
    `INSERT INTO disbursements.uploads (tenant_id, id, disbursement_id, file_name, parts, size_bytes, row_count, total_amount, uploaded_by, created_at)
     SELECT d.tenant_id, d.current_upload_id, d.id, d.file_name, 0, 0, ${STATUSES.map((status) => `d.count_${status}`).join(' + ')},
            ${STATUSES.map((status) => `d.amount_${status}`).join(' + ')}, d.created_by, d.created_at
       FROM rounds r JOIN disbursements.disbursements d ON d.tenant_id = $1 AND d.id = r.id`,
    [tenantId],
  );
}
