import { Client } from 'pg';

import type { TestServer } from './test-server';

const PAYMENTS = 40_000;
const PEOPLE = 20_000;
const ROUNDS = 100;

/** The telephone number of one of the people of years. */
export const phoneOfYears = (person: number): string => `+${String(254_700_000_000 + person)}`;

/** Of whom, and by which rows of the catalogue. */
interface Organisation {
  readonly tenant: { readonly id: string };
  readonly assetId: string;
  readonly walletId: string;
}

/** Years of payments, most of them made, in SQL: people with a wallet each, rounds of four hundred, one in a hundred direct. */
export async function addYears(server: TestServer, own: Organisation): Promise<void> {
  const client = new Client({ connectionString: server.database.superuserUrl });
  await client.connect();
  const sql = (text: string, values: readonly unknown[] = []): Promise<unknown> =>
    client.query(text, [...values]);
  const at = (share: string): string => `now() - interval '1000 days' * (1 - ${share})`;
  try {
    await sql('SET session_replication_role = replica');
    await sql(
      `CREATE TEMP TABLE people AS SELECT n, uuidv7() AS id, uuidv7() AS wallet, ${at(`n / ${String(PEOPLE)}.0`)} AS at
         FROM generate_series(0, ${String(PEOPLE - 1)}) AS n`,
    );
    await sql(
      `CREATE TEMP TABLE rounds AS SELECT n, uuidv7() AS id, ${at(`n / ${String(ROUNDS)}.0`)} AS at
         FROM generate_series(0, ${String(ROUNDS - 1)}) AS n`,
    );
    await sql(
      `INSERT INTO receivers.receivers (tenant_id, id, phone_number, email, external_id, created_at, updated_at)
       SELECT $1, id, '+' || (254700000000 + n), 'person.' || n || '@people.example', 'P-' || n, at, at FROM people`,
      [own.tenant.id],
    );
    await sql(
      `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, stellar_address, created_at, updated_at)
       SELECT $1, wallet, id, $2, CASE WHEN n % 10 = 9 THEN 'READY' WHEN n % 500 = 1 THEN 'FLAGGED' ELSE 'REGISTERED' END,
              CASE WHEN n % 10 <> 9 THEN 'G' || left(translate(upper(encode(sha256(n::text::bytea), 'hex')), '0189', 'GHIJ'), 55) END,
              at, at FROM people`,
      [own.tenant.id, own.walletId],
    );
    await sql(
      `INSERT INTO receivers.verifications (tenant_id, receiver_id, verification_field, value_hmac, bound_to)
       SELECT $1, id, 'DATE_OF_BIRTH', sha256(n::text::bytea), 'RECEIVER' FROM people`,
      [own.tenant.id],
    );
    await sql(
      `INSERT INTO receivers.staff_changes (tenant_id, receiver_id, changed_by, changed_at)
       SELECT $1, id, uuidv7(), at FROM people`,
      [own.tenant.id],
    );
    await sql(
      `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type,
         verification_field, created_at, count_success, amount_success)
       SELECT $1, id, 'Aid round ' || n, $2, $3, 'COMPLETED', 'PHONE_NUMBER', 'PIN', at, 400, 4000 FROM rounds`,
      [own.tenant.id, own.assetId, own.walletId],
    );
    await sql(
      `INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount,
         status, dispatch, external_payment_id, stellar_transaction_id, created_at, updated_at)
       SELECT $1, uuidv7(), CASE WHEN k % 100 = 7 THEN 'DIRECT' ELSE 'DISBURSEMENT' END, CASE WHEN k % 100 = 7 THEN NULL ELSE r.id END,
              p.id, p.wallet, $2, 10, CASE WHEN k % 100 = 3 THEN 'FAILED' WHEN k % 200 = 5 THEN 'CANCELED' ELSE 'SUCCESS' END, 1,
              'PAY-' || lpad(k::text, 9, '0'), repeat('a', 64), r.at, r.at + interval '1 minute'
         FROM generate_series(0, ${String(PAYMENTS - 1)}) AS k
         JOIN rounds r ON r.n = k / ${String(PAYMENTS / ROUNDS)} JOIN people p ON p.n = k * 7919 % ${String(PEOPLE)}`,
      [own.tenant.id, own.assetId],
    );
    await sql(
      `INSERT INTO disbursements.payment_texts (tenant_id, payment_id, external_text)
       SELECT tenant_id, id, lower(external_payment_id) FROM disbursements.payments
        WHERE external_payment_id IS NOT NULL ON CONFLICT DO NOTHING`,
    );
    await sql('SET session_replication_role = origin');
    await sql('VACUUM (ANALYZE)');
  } finally {
    await client.end();
  }
}
