import { newId } from '@libs/kernel';
import { Database, type TenantContext, UnitOfWork } from '@libs/persistence';
import { type SeenPlan, seePlans, tellPlans, testDatabase, type TestDatabase } from '@libs/testing';
import { Client } from 'pg';

import { type ArrivalsPlace, LostArrivals } from './lost-arrivals.repository';

const KNOWN = 6_000;
const LOST = 2_500;
const LOCKED_AT_ONCE = 1_000;
const TABLES = ['receivers', 'receiver_wallets', 'verifications', 'address_owners'] as const;
/** Of one person: one in each table, and two verification values. */
const ROWS = 5;

describe('the people of a lost upload', () => {
  let database: TestDatabase;
  let superuser: Client;
  let staff: Database;
  let unit: UnitOfWork;
  let context: TenantContext;
  let seen: SeenPlan[];
  const walletId = newId();
  const arrivals = new LostArrivals();

  beforeAll(async () => {
    database = await testDatabase();
    await tellPlans(database, 'dashboardApi');
    superuser = new Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    staff = new Database({ url: database.url('dashboardApi'), applicationName: 'test' });
    seen = seePlans(staff);
    unit = new UnitOfWork(staff);
  });
  beforeEach(() => {
    context = { tenantId: newId(), actor: 'system:test', trace: '' };
  });
  afterAll(async () => {
    await staff.close();
    await superuser.end();
    await database.drop();
  });

  /** Each with a wallet, a verification value and an address. Their ids, in order. */
  async function people(broughtBy: string | null, count: number): Promise<readonly string[]> {
    const { rows } = await superuser.query<{ id: string }>(
      `WITH made AS MATERIALIZED (
         SELECT uuidv7() AS id, 'G' || left(translate(upper(encode(sha256(uuidv7()::text::bytea), 'hex')), '0189', 'GHIJ'), 55) AS address
           FROM generate_series(1, $3)),
       receivers AS (
         INSERT INTO receivers.receivers (tenant_id, id, email, external_id, brought_by)
         SELECT $1, id, id || '@people.example', 'P', $2 FROM made),
       wallets AS (
         INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, brought_by)
         SELECT $1, uuidv7(), id, $4, $2 FROM made),
       owners AS (
         INSERT INTO receivers.address_owners (tenant_id, stellar_address, receiver_id, brought_by)
         SELECT $1, address, id, $2 FROM made)
       INSERT INTO receivers.verifications (tenant_id, receiver_id, verification_field, value_hmac, brought_by)
       SELECT $1, id, field, sha256(id::text::bytea), $2 FROM made, unnest(ARRAY['PIN', 'DATE_OF_BIRTH']) field
       RETURNING receiver_id AS id`,
      [context.tenantId, broughtBy, count, walletId],
    );
    return [...new Set(rows.map(({ id }) => id))].sort();
  }
  const idOf = (table: (typeof TABLES)[number]): string => (table === 'receivers' ? 'id' : 'receiver_id');
  /** Another upload relies on them, in every table. */
  async function share(ids: readonly string[], uploadId: string): Promise<void> {
    for (const table of TABLES) {
      await superuser.query(
        `UPDATE receivers.${table} SET shared_with = coalesce(shared_with, '{}') || $2::uuid
          WHERE ${idOf(table)} = ANY($1) AND brought_by IS NOT NULL`,
        [ids, uploadId],
      );
    }
  }
  /** How many rows of these people are there, by the uploads that they are of. */
  async function left(ids: readonly string[]): Promise<Record<string, number>> {
    const { rows } = await superuser.query<{ of: string; n: number }>(
      `SELECT concat_ws('+', coalesce(brought_by::text, 'everybody'), shared_with::text) AS of, count(*)::int AS n FROM (
         ${TABLES.map((table) => `SELECT brought_by, shared_with FROM receivers.${table} WHERE ${idOf(table)} = ANY($1)`).join(' UNION ALL ')}) rows
        GROUP BY 1`,
      [ids],
    );
    return Object.fromEntries(rows.map(({ of, n }) => [of, n]));
  }
  /** To its end, whose chunks a new process may do each: all that it knows is what was kept as text. */
  async function sweep(
    uploadId: string,
    between: (place: ArrivalsPlace | null) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    let place: ArrivalsPlace | null = LostArrivals.start;
    while (place !== null) {
      const from: ArrivalsPlace = JSON.parse(JSON.stringify(place)) as ArrivalsPlace;
      place = await unit.run(context, (tx) => arrivals.sweep(tx, uploadId, from));
      await between(place);
    }
  }

  it('are found by going over the rows of their organisation about once, and locked by a thousand', async () => {
    await people(null, KNOWN);
    const lost = newId();
    const ids = await people(lost, LOST);
    await superuser.query('VACUUM ANALYZE');
    seen.length = 0;
    await sweep(lost);
    const visited = seen.reduce((all, one) => all + one.visited, 0);
    // Pages with some of them are looked at again when those are locked, taken away and handed over.
    expect(visited).toBeLessThan(2.5 * ROWS * (KNOWN + LOST));
    const writers = seen.filter(({ statement }) => /^(DELETE|UPDATE)/.test(statement));
    // Of the last person of a thousand all verification values come along; each asks who brought its person.
    expect(Math.max(...writers.map(({ visited: rows }) => rows))).toBeLessThanOrEqual(
      2 * (LOCKED_AT_ONCE + 1),
    );
    expect(await left(ids)).toEqual({});
  });

  it('are those of the next upload that relies on them, of everybody when somebody touched or paid them, and gone else', async () => {
    const [lost, next, third] = [newId(), newId(), newId()];
    const [mine, others] = [await people(lost, 10), await people(next, 4)];
    await share(mine.slice(0, 2), next);
    await share(mine.slice(1, 2), third);
    await share(others.slice(0, 2), lost);
    await superuser.query(
      `UPDATE receivers.receivers SET external_id = 'Q', updated_at = now() + interval '1 s' WHERE id = $1`,
      [mine[2]],
    );
    await superuser.query(
      `INSERT INTO disbursements.payments (tenant_id, id, type, receiver_id, receiver_wallet_id, asset_id, amount, status)
       SELECT $1, uuidv7(), 'DIRECT', receiver_id, id, uuidv7(), 1, 'READY' FROM receivers.receiver_wallets WHERE receiver_id = $2`,
      [context.tenantId, mine[3]],
    );
    await sweep(lost);
    expect(await left(mine.slice(0, 1))).toEqual({ [next]: ROWS });
    expect(await left(mine.slice(1, 2))).toEqual({ [`${next}+{${third}}`]: ROWS });
    expect(await left(others)).toEqual({ [next]: 4 * ROWS });
    expect(await left(mine.slice(2, 3))).toEqual({ everybody: 1 });
    // Nothing of theirs goes but the address, which their wallet does not have.
    expect(await left(mine.slice(3, 4))).toEqual({ everybody: ROWS - 1 });
    expect(await left(mine.slice(4))).toEqual({});
  });

  it('leave no verification value to somebody who was known and paid before: it would be proof by a file that never counted', async () => {
    const lost = newId();
    const [known = ''] = await people(null, 1);
    await superuser.query(
      `INSERT INTO disbursements.payments (tenant_id, id, type, receiver_id, receiver_wallet_id, asset_id, amount, status)
       SELECT $1, uuidv7(), 'DIRECT', receiver_id, id, uuidv7(), 1, 'READY' FROM receivers.receiver_wallets WHERE receiver_id = $2`,
      [context.tenantId, known],
    );
    await superuser.query(
      `UPDATE receivers.verifications SET brought_by = $1 WHERE receiver_id = $2 AND verification_field = 'PIN'`,
      [lost, known],
    );
    await sweep(lost);
    expect(await left([known])).toEqual({ everybody: ROWS - 1 });
  });

  it('are right although others come to rely on them while they go, and new ones come', async () => {
    const [lost, next] = [newId(), newId()];
    const ids = await people(lost, LOST);
    const shared = ids.slice(500, 1_000);
    const come: string[] = [];
    await sweep(lost, async (place) => {
      // Their wallets are gone, and nothing else of them.
      if (come.length > 0 || place?.step !== 'release' || place.table !== 'verifications') return;
      await share(shared, next);
      come.push(...(await people(next, 100)));
    });
    expect(await left(ids)).toEqual({ [next]: shared.length * (ROWS - 1) });
    expect(await left(shared)).toEqual({ [next]: shared.length * (ROWS - 1) });
    expect(await left(come)).toEqual({ [next]: 100 * ROWS });
  });

  it('stay at their place, and the others go, while somebody holds one of them', async () => {
    const lost = newId();
    const ids = await people(lost, 5);
    await superuser.query('BEGIN');
    await superuser.query('SELECT FROM receivers.receiver_wallets WHERE receiver_id = $1 FOR KEY SHARE', [
      ids[0],
    ]);
    let place: ArrivalsPlace | null = LostArrivals.start;
    for (let chunks = 0; place !== null && chunks < 20; chunks += 1) {
      const from: ArrivalsPlace = place;
      place = await unit.run(context, (tx) => arrivals.sweep(tx, lost, from));
    }
    expect(place).toMatchObject({ step: 'release', table: 'receiver_wallets' });
    await superuser.query('COMMIT');
    expect(await left(ids)).toEqual({ [lost]: 5 * (ROWS - 1) + 1 });
    await sweep(lost);
    expect(await left(ids)).toEqual({});
  });

  it('go on from the place that was kept when a database transaction is lost', async () => {
    const lost = newId();
    const ids = await people(lost, LOST);
    let deaths = 0;
    let place: ArrivalsPlace | null = LostArrivals.start;
    while (place !== null) {
      const from: ArrivalsPlace = place;
      const dying = unit.run(context, async (tx) => {
        await arrivals.sweep(tx, lost, from);
        throw new Error('killed');
      });
      await expect(dying).rejects.toThrow('killed');
      deaths += 1;
      place = await unit.run(context, (tx) => arrivals.sweep(tx, lost, from));
    }
    expect(deaths).toBeGreaterThan(8);
    expect(await left(ids)).toEqual({});
  });
});
