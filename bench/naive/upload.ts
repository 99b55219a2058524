import bcrypt from 'bcrypt';
import { parse } from 'csv-parse/sync';
import { isValidPhoneNumber } from 'libphonenumber-js';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

/**
 * The upload as it is usually written, to measure ours against. It is fixed: it is not made faster or slower.
 *
 * The whole file in memory; one database transaction; each row validated, its verification value hashed with bcrypt at
 * cost 4, and written by five prepared statements, one after the other. The tables have the keys and indexes that the
 * job needs, and no more.
 */
const SCHEMA = `
  DROP SCHEMA IF EXISTS naive CASCADE;
  CREATE SCHEMA naive;
  CREATE TABLE naive.receivers (
    id uuid PRIMARY KEY, phone_number text NOT NULL UNIQUE, external_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE naive.receiver_wallets (
    id uuid PRIMARY KEY, receiver_id uuid NOT NULL REFERENCES naive.receivers (id), wallet_id uuid NOT NULL,
    status text NOT NULL, status_history jsonb NOT NULL, stellar_address text,
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (receiver_id, wallet_id));
  CREATE TABLE naive.receiver_verifications (
    receiver_id uuid NOT NULL REFERENCES naive.receivers (id), verification_field text NOT NULL, hashed_value text NOT NULL,
    attempts smallint NOT NULL DEFAULT 0, created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (receiver_id, verification_field));
  CREATE TABLE naive.payments (
    id uuid PRIMARY KEY, disbursement_id uuid NOT NULL, receiver_id uuid NOT NULL REFERENCES naive.receivers (id),
    receiver_wallet_id uuid NOT NULL REFERENCES naive.receiver_wallets (id), asset_id uuid NOT NULL,
    amount numeric(19, 7) NOT NULL, status text NOT NULL, status_history jsonb NOT NULL, external_payment_id text,
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
  CREATE INDEX ON naive.payments (disbursement_id);
  CREATE INDEX ON naive.payments (receiver_id);
  CREATE INDEX ON naive.payments (status);
`;

const BCRYPT_COST = 4;

interface Row {
  readonly phone: string;
  readonly id: string;
  readonly amount: string;
  readonly verification: string;
  readonly paymentID: string;
}

export interface NaiveUpload {
  readonly milliseconds: number;
  readonly rows: number;
  /** As PostgreSQL adds the amounts up, with seven decimals. */
  readonly total: string;
}

/** Makes the tables anew and uploads the file into them. */
export async function naiveUpload(databaseUrl: string, file: string): Promise<NaiveUpload> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'naive upload' });
  await client.connect();
  try {
    await client.query(SCHEMA);
    const startedAt = performance.now();
    await client.query('BEGIN');
    for (const row of parse(file, { columns: true, trim: true }) as Row[]) await writeRow(client, row);
    await client.query('COMMIT');
    const milliseconds = performance.now() - startedAt;
    const { rows } = await client.query<{ rows: number; total: string }>(
      'SELECT count(*)::int AS rows, sum(amount)::text AS total FROM naive.payments',
    );
    return { milliseconds, rows: rows[0]?.rows ?? 0, total: rows[0]?.total ?? '' };
  } finally {
    await client.end();
  }
}

const [DISBURSEMENT, WALLET, ASSET] = [randomUUID(), randomUUID(), randomUUID()];
const history = (status: string): string => JSON.stringify([{ status, timestamp: new Date().toISOString() }]);

async function writeRow(client: Client, row: Row): Promise<void> {
  const phone = row.phone.toLowerCase();
  if (!isValidPhoneNumber(phone)) throw new Error('invalid phone');
  if (!/^[0-9]+(\.[0-9]{1,7})?$/.test(row.amount) || /^[0.]*$/.test(row.amount)) throw new Error('invalid amount');
  if (Number.isNaN(Date.parse(row.verification)) || new Date(row.verification) > new Date()) throw new Error('invalid date');

  const found = await client.query<{ id: string }>({
    name: 'find-receiver',
    text: 'SELECT id FROM naive.receivers WHERE phone_number = $1',
    values: [phone],
  });
  let receiverId = found.rows[0]?.id;
  if (receiverId === undefined) {
    receiverId = randomUUID();
    await client.query({
      name: 'insert-receiver',
      text: 'INSERT INTO naive.receivers (id, phone_number, external_id) VALUES ($1, $2, $3)',
      values: [receiverId, phone, row.id],
    });
  }
  const wallet = await client.query<{ id: string }>({
    name: 'upsert-receiver-wallet',
    text: `INSERT INTO naive.receiver_wallets (id, receiver_id, wallet_id, status, status_history) VALUES ($1, $2, $3, 'DRAFT', $4)
           ON CONFLICT (receiver_id, wallet_id) DO UPDATE SET updated_at = now() RETURNING id`,
    values: [randomUUID(), receiverId, WALLET, history('DRAFT')],
  });
  await client.query({
    name: 'upsert-verification',
    text: `INSERT INTO naive.receiver_verifications (receiver_id, verification_field, hashed_value) VALUES ($1, 'DATE_OF_BIRTH', $2)
           ON CONFLICT (receiver_id, verification_field) DO UPDATE SET hashed_value = excluded.hashed_value, updated_at = now()`,
    values: [receiverId, await bcrypt.hash(row.verification, BCRYPT_COST)],
  });
  await client.query({
    name: 'insert-payment',
    text: `INSERT INTO naive.payments (id, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount, status, status_history, external_payment_id)
           VALUES ($1, $2, $3, $4, $5, $6, 'DRAFT', $7, $8)`,
    values: [randomUUID(), DISBURSEMENT, receiverId, wallet.rows[0]?.id, ASSET, row.amount, history('DRAFT'), row.paymentID],
  });
}
