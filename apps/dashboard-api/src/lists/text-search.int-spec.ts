import { newId } from '@libs/kernel';
import { Database, isMostlyOwn, type TenantTx, UnitOfWork } from '@libs/persistence';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { Client } from 'pg';

/** What a person may look for, and the number of the receiver that has it. */
const PHONES = ['+254700000101', '+254700000202'];
const MOST = 10;

describe('a search for a part of a text', () => {
  let database: TestDatabase;
  let app: Database;
  let owner: Client;
  const [ours, theirs] = [newId(), newId()];
  const receivers = new Map<string, readonly string[]>();

  beforeAll(async () => {
    database = await testDatabase();
    app = new Database({ url: database.url('dashboardApi'), applicationName: 'text search' });
    owner = new Client({ connectionString: database.superuserUrl });
    await owner.connect();
    for (const tenantId of [ours, theirs]) receivers.set(tenantId, await addReceivers(tenantId));
  });
  afterAll(async () => {
    await app.close();
    await owner.end();
    await database.drop();
  });

  async function addReceivers(tenantId: string): Promise<readonly string[]> {
    const ids: string[] = [];
    for (const [index, phone] of PHONES.entries()) {
      const id = newId();
      await owner.query(
        `INSERT INTO receivers.receivers (tenant_id, id, phone_number, email, external_id) VALUES ($1, $2, $3, $4, $5)`,
        [tenantId, id, phone, `a_b%c${String(index)}@people.example`, `ext-${String(index)}`],
      );
      ids.push(id);
    }
    return ids;
  }

  async function found(text: string, tenantId = ours, most = MOST): Promise<readonly string[]> {
    const look = (tx: TenantTx): Promise<readonly { readonly id: string }[]> =>
      tx.query<{ readonly id: string }>('SELECT id FROM receivers.receivers_with_text($1, $2)', [text, most]);
    const context = { tenantId, actor: 'system:test', trace: '' };
    return (await new UnitOfWork(app).run(context, look)).map(({ id }) => id);
  }

  /** Sixty of them, each with a number that ends as all its neighbours' do. */
  async function addPayments(tenantId: string): Promise<void> {
    await owner.query('BEGIN');
    // The receivers and the asset of these payments are of no account here.
    await owner.query('SET LOCAL session_replication_role = replica');
    await owner.query(
      `WITH added AS (
         INSERT INTO disbursements.payments (tenant_id, id, type, receiver_id, receiver_wallet_id, asset_id, amount, external_payment_id)
         SELECT $1, uuidv7(), 'DIRECT', uuidv7(), uuidv7(), uuidv7(), 1,
                'PAY-' || n || CASE WHEN n < 3 THEN '-000333' ELSE '-000444' END FROM generate_series(1, 60) AS n RETURNING *)
       INSERT INTO disbursements.payment_texts (tenant_id, payment_id, external_text)
       SELECT tenant_id, id, lower(external_payment_id) FROM added`,
      [tenantId],
    );
    await owner.query('COMMIT');
  }

  /** The external ids of the payments that are found. */
  async function foundPayments(text: string, tenantId: string): Promise<readonly string[]> {
    const look = (tx: TenantTx): Promise<readonly { readonly external_payment_id: string }[]> =>
      tx.query(
        `SELECT p.external_payment_id FROM disbursements.payments_with_text($1, 100) AS hit
           JOIN disbursements.payments p USING (tenant_id, id, created_at, updated_at, status, type, receiver_id)`,
        [text],
      );
    const context = { tenantId, actor: 'system:test', trace: '' };
    return (await new UnitOfWork(app).run(context, look)).map((row) => row.external_payment_id);
  }

  it('finds what the own organisation has, by any part and by the beginning of the id', async () => {
    const [first = '', second = ''] = receivers.get(ours) ?? [];
    expect(await found('0000101')).toEqual([first]);
    expect(await found('C1@PEOPLE')).toEqual([second]);
    expect(await found(first)).toEqual([first]);
    expect(await found(second.slice(0, -1))).toContain(second);
    expect(await found('+2547000009')).toEqual([]);
  });

  it('finds nothing of another organisation, though it has the same text and even the id', async () => {
    const [first = ''] = receivers.get(theirs) ?? [];
    expect(await found('0000101', theirs)).toEqual([first]);
    expect(await found('0000101')).not.toContain(first);
    expect(await found(first)).toEqual([]);
  });

  it('takes the signs of a pattern for what they are', async () => {
    expect(await found('%%%')).toEqual([]);
    expect(await found('a_b%c')).toHaveLength(PHONES.length);
    expect(await found('a%b_c')).toEqual([]);
    expect(await found('\\\\\\')).toEqual([]);
  });

  it('returns no more than was asked for', async () => {
    expect(await found('+25470', ours, 1)).toHaveLength(1);
  });

  it('compares the whole text with all who share its last digits, few or many', async () => {
    const tenantId = newId();
    await owner.query(
      `INSERT INTO receivers.receivers (tenant_id, id, phone_number, email, external_id)
       SELECT $1, uuidv7(), '+2547' || lpad(n::text, 3, '0') || CASE WHEN n < 3 THEN '000111' ELSE '000222' END,
              'mail-' || n || '-20261122@people.example', 'tail-' || n FROM generate_series(1, 60) AS n`,
      [tenantId],
    );
    for (const text of [
      '+2547001000111',
      '+2547040000222',
      'mail-7-20261122',
      'MAIL-42-20261122@people.example',
    ]) {
      expect([text, (await found(text, tenantId, 100)).length]).toEqual([text, 1]);
    }
    expect(await found('-20261122@people', tenantId, 100)).toHaveLength(60);
    expect(await found('+2548001000111', tenantId, 100)).toEqual([]);
    expect(await found('+2548040000222', tenantId, 100)).toEqual([]);
  });

  it('does the same for payments, and returns what their lists are ordered and filtered by', async () => {
    const tenantId = newId();
    await addPayments(tenantId);
    for (const text of ['PAY-1-000333', 'PAY-42-000444'])
      expect(await foundPayments(text.toLowerCase(), tenantId)).toEqual([text]);
    expect(await foundPayments('-000444', tenantId)).toHaveLength(58);
    expect(await foundPayments('PAX-1-000333', tenantId)).toEqual([]);
  });

  it('finds payments by the address, the name of the disbursement and the beginning of the id', async () => {
    const tenantId = newId();
    const address = `G${'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.repeat(2).slice(0, 55)}`;
    await addPayments(tenantId);
    await owner.query('BEGIN');
    await owner.query('SET LOCAL session_replication_role = replica');
    await owner.query(
      `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, stellar_address)
       SELECT tenant_id, receiver_wallet_id, receiver_id, uuidv7(), $2 FROM disbursements.payments
        WHERE tenant_id = $1 AND external_payment_id = 'PAY-7-000444'`,
      [tenantId, address],
    );
    const { rows } = await owner.query<{ readonly id: string; readonly disbursement: string }>(
      `UPDATE disbursements.payments SET type = 'DISBURSEMENT', disbursement_id = uuidv7()
        WHERE tenant_id = $1 AND external_payment_id = 'PAY-9-000444' RETURNING id, disbursement_id AS disbursement`,
      [tenantId],
    );
    const [{ id, disbursement } = { id: '', disbursement: '' }] = rows;
    await owner.query(
      `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, registration_contact_type)
       VALUES ($1, $2, 'Zero 100 % of winter', uuidv7(), uuidv7(), 'EMAIL')`,
      [tenantId, disbursement],
    );
    await owner.query('COMMIT');

    expect(await foundPayments('xyz234567abc', tenantId)).toEqual(['PAY-7-000444']);
    expect(await foundPayments(address, tenantId)).toEqual(['PAY-7-000444']);
    expect(await foundPayments('zero 100 %', tenantId)).toEqual(['PAY-9-000444']);
    expect(await foundPayments(id.slice(0, -1), tenantId)).toContain('PAY-9-000444');
  });

  it('finds a payment once that has the text itself and in the name of its disbursement', async () => {
    const tenantId = newId();
    const disbursement = newId();
    await addPayments(tenantId);
    await owner.query('BEGIN');
    await owner.query('SET LOCAL session_replication_role = replica');
    await owner.query(
      `UPDATE disbursements.payments SET type = 'DISBURSEMENT', disbursement_id = $2
        WHERE tenant_id = $1 AND external_payment_id IN ('PAY-1-000333', 'PAY-9-000444')`,
      [tenantId, disbursement],
    );
    await owner.query(
      `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, registration_contact_type)
       VALUES ($1, $2, 'Round', uuidv7(), uuidv7(), 'EMAIL')`,
      [tenantId, disbursement],
    );
    await owner.query('COMMIT');
    const own = ['PAY-1-000333', 'PAY-9-000444'];
    // Few share the last digits of the first, many those of the others.
    for (const [named, ofIt] of [
      ['PAY-1-000333', own],
      ['PAY-9-000444', own],
      ['PAY-7-000444', [...own, 'PAY-7-000444']],
    ] as const) {
      await owner.query('UPDATE disbursements.disbursements SET name = $2 WHERE id = $1', [
        disbursement,
        `Round ${named}`,
      ]);
      expect([named, (await foundPayments(named.toLowerCase(), tenantId)).toSorted()]).toEqual([
        named,
        ofIt.toSorted(),
      ]);
    }
  });

  it('finds only what is its own, whether most of the rows are its own or others have most of them', async () => {
    const [large, small] = [newId(), newId()];
    for (const [tenantId, people] of [
      [large, 5_000],
      [small, 50],
    ] as const) {
      await owner.query(
        `INSERT INTO receivers.receivers (tenant_id, id, phone_number, email, external_id)
         SELECT $1, uuidv7(), '+' || (254730000000 + n), 'own.' || n || '@people.example', 'own-' || n FROM generate_series(1, $2) AS n`,
        [tenantId, people],
      );
      await addPayments(tenantId);
    }
    const table = 'receivers.receivers';
    const { rows } = await owner.query(
      `SELECT ${isMostlyOwn(table, '$1')} AS large, ${isMostlyOwn(table, '$2')} AS small`,
      [large, small],
    );
    expect(rows).toEqual([{ large: true, small: false }]);

    for (const [tenantId, people] of [
      [large, 5_000],
      [small, 50],
    ] as const) {
      expect(await found('+25473', tenantId, 10_000)).toHaveLength(people);
      expect(await found('own.7@people', tenantId)).toHaveLength(1);
      expect(await found('+254730000042', tenantId)).toHaveLength(1);
      expect(await foundPayments('-000333', tenantId)).toHaveLength(2);
    }
  });

  it('is refused without an organisation, and to apps that have no lists', async () => {
    await expect(app.pool.query(`SELECT receivers.receivers_with_text('+2547', 1)`)).rejects.toThrow(
      'no tenant in this database transaction',
    );
    for (const call of [
      `receivers.receivers_with_text('+2547', 1)`,
      `disbursements.payments_with_text('PAY', 1)`,
    ]) {
      const other = new Client({ connectionString: database.url('recipientApi') });
      await other.connect();
      await expect(other.query(`SELECT ${call}`)).rejects.toThrow('permission denied for function');
      await other.end();
    }
  });

  it('goes through the index of parts, with the settings of every server', async () => {
    await owner.query('BEGIN');
    await owner.query(
      `INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id)
       SELECT $1, uuidv7(), '+' || (254710000000 + n * 7919), 'many-' || n FROM generate_series(1, 30000) AS n`,
      [ours],
    );
    await owner.query('ANALYZE receivers.receivers');
    await owner.query('SET LOCAL ROLE distributary_search');
    const { rows } = await owner.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT id FROM receivers.receivers WHERE tenant_id = '${ours}' AND phone_number LIKE '%47100079%'`,
    );
    await owner.query('ROLLBACK');
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('receivers_text');
    expect(plan).toMatch(/Index Cond: .*phone_number/);
  });
});
