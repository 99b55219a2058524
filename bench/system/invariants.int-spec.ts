import { newId } from '@libs/kernel';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { Client } from 'pg';

import { checkInvariants } from './invariants';

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();
const steps = (...statuses: readonly string[]): string =>
  JSON.stringify(statuses.map((status, index) => ({ status, timestamp: at(index), actor: 'system:test' })));

/** What a benchmark must see, or its figure is worth nothing. */
describe('the invariants that are checked after a benchmark', () => {
  let database: TestDatabase;
  let sql: Client;

  beforeAll(async () => {
    database = await testDatabase();
    sql = new Client({ connectionString: database.superuserUrl });
    await sql.connect();
  });
  afterAll(async () => {
    await sql.end();
    await database.drop();
  });
  beforeEach(async () => {
    await sql.query('BEGIN');
    // Only these rows are looked at; what they refer to is not there.
    await sql.query(`SET LOCAL session_replication_role = replica`);
  });
  afterEach(() => sql.query('ROLLBACK'));

  const check = (): Promise<void> =>
    checkInvariants({
      one: async (text, values) =>
        (await sql.query<Record<string, string>>(text, values === undefined ? [] : [...values])).rows[0] ??
        {},
    });

  const [tenant, disbursement, payment, submission] = [newId(), newId(), newId(), newId()];
  const HASH = 'ab'.repeat(32);

  async function givenPaid({
    attempts = 1,
    status = 'SUCCESS',
    history = ['READY', 'PENDING', 'SUCCESS'],
  } = {}) {
    await sql.query(
      `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type,
         verification_field, count_success, amount_success)
       VALUES ($1, $2, 'Paid', $1, $1, 'COMPLETED', 'PHONE_NUMBER', 'PIN', 1, 10)`,
      [tenant, disbursement],
    );
    await sql.query(
      `INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount,
         status, status_history, dispatch, stellar_transaction_id)
       VALUES ($1, $2, 'DISBURSEMENT', $3, $1, $1, $1, 10, $4, $5, 1, $6)`,
      [tenant, payment, disbursement, status, steps(...history), HASH],
    );
    await sql.query(
      `INSERT INTO submissions.submissions (tenant_id, id, payment_id, dispatch, disbursement_id, receiver_wallet_id, asset_code,
         asset_issuer, amount, destination, status, status_history)
       VALUES ($1, $2, $3, 1, $4, $1, 'XLM', '', 10, 'G', 'SUCCESS', $5)`,
      [tenant, submission, payment, disbursement, steps('QUEUED', 'SIGNED', 'SUCCESS')],
    );
    for (let nr = 0; nr < attempts; nr += 1) {
      const [attempt, hash] = [newId(), nr === 0 ? HASH : 'cd'.repeat(32)];
      await sql.query(
        `INSERT INTO submissions.attempts (tenant_id, id, reference, channel_account, channel_epoch, sequence, distribution_account,
           operations, max_time, last_ledger, last_ledger_hash, status, fee_rate, ended_at)
         VALUES ($1, $2, $3, 'C', 1, 1, 'D', 1, now(), 1, 'h', 'APPLIED', 100, now())`,
        [tenant, attempt, hash],
      );
      await sql.query(
        `INSERT INTO submissions.attempt_submissions (tenant_id, attempt_id, position, submission_id, live) VALUES ($1, $2, 0, $3, false)`,
        [tenant, attempt, submission],
      );
      await sql.query(
        `INSERT INTO submissions.envelopes (tenant_id, attempt_id, number, kind, inner_hash, envelope_hash, payload, fee_bid)
         VALUES ($1, $2, 1, 'first', $3, $3, 'p', 100)`,
        [tenant, attempt, hash],
      );
    }
  }

  it('hold for a payment that was made once', async () => {
    await givenPaid();
    await check();
  });

  it('see one that two ledger transactions paid', async () => {
    await givenPaid({ attempts: 2 });
    await expect(check()).rejects.toThrow('I1');
  });

  it('see one that its disbursement has forgotten', async () => {
    await givenPaid({ status: 'PENDING', history: ['READY', 'PENDING'] });
    await expect(check()).rejects.toThrow('I2');
  });

  it('see one that nothing has paid, or another amount', async () => {
    await givenPaid({ attempts: 0 });
    await expect(check()).rejects.toThrow('I3');
    await sql.query('ROLLBACK');
    await sql.query('BEGIN');
    await sql.query(`SET LOCAL session_replication_role = replica`);
    await givenPaid();
    await sql.query('UPDATE submissions.submissions SET amount = 11');
    await expect(check()).rejects.toThrow('I3');
  });

  it('see counters that are not the payments', async () => {
    await givenPaid();
    await sql.query('UPDATE disbursements.disbursements SET amount_success = 11');
    await expect(check()).rejects.toThrow('I4');
  });

  it.each([
    ['more than was promised', 10, 11],
    ['less than nothing', 10, -1],
  ])('see funds of which %s was given back', async (_, reserved, released) => {
    await givenPaid();
    const reserve = (back: number): Promise<unknown> =>
      sql.query(
        `INSERT INTO disbursements.fund_reservations AS r (account, asset_code, asset_issuer, reserved, released) VALUES ('G', 'XLM', '', $1, $2)
         ON CONFLICT (account, asset_code, asset_issuer) DO UPDATE SET released = excluded.released`,
        [reserved, back],
      );
    await reserve(reserved);
    await check();
    // The database itself refuses the first of them: what watches over a database has to see it in one that does not.
    await sql.query(`ALTER TABLE disbursements.fund_reservations DROP CONSTRAINT fund_reservations_check`);
    await reserve(released);
    await expect(check()).rejects.toThrow('I5, I11');
  });

  it('see a message that was tried more often than its provider may be asked', async () => {
    await givenPaid();
    const send = (tries: number): Promise<unknown> =>
      sql.query(
        `INSERT INTO messages.messages (tenant_id, id, kind, priority, status, recipient_sealed, title_sealed, body_sealed, channels, tries)
         VALUES ($1, $2, 'staff', 1, 'FAILURE', '', '', '', '{EMAIL}', $3)`,
        [tenant, newId(), tries],
      );
    await send(6);
    await check();
    await send(7);
    await expect(check()).rejects.toThrow('I8');
  });

  it('see a payment that was handed over twice under one number', async () => {
    await givenPaid({ history: ['READY', 'PENDING', 'READY', 'PENDING', 'SUCCESS'] });
    await expect(check()).rejects.toThrow('I6');
  });

  it.each([
    ['a skipped step', ['READY', 'SUCCESS', 'PENDING', 'SUCCESS']],
    ['another end', ['READY', 'PENDING', 'FAILED']],
    ['a beginning in the middle', ['PENDING', 'SUCCESS']],
  ])('see a history with %s', async (_, history) => {
    await givenPaid({ history });
    await expect(check()).rejects.toThrow('I7');
  });

  it('see a history that goes back in time', async () => {
    await givenPaid();
    await sql.query(
      `UPDATE disbursements.payments SET status_history = jsonb_set(status_history, '{2,timestamp}', $1)`,
      [JSON.stringify(at(-5))],
    );
    await expect(check()).rejects.toThrow('I7');
  });

  it('see what was signed under a hold', async () => {
    await givenPaid();
    await sql.query(
      `INSERT INTO submissions.holds (tenant_id, subject_type, subject_id, reason, actor, created_at)
       VALUES ($1, 'disbursement', $2, 'paused', 'user:x', now() - interval '1 minute')`,
      [tenant, disbursement],
    );
    await expect(check()).rejects.toThrow('I9');
  });
});
