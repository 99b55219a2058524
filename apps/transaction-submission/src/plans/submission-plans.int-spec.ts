import {
  dearStatements,
  readersOfWhole,
  type SeenPlan,
  seePlans,
  tellPlans,
  testDatabase,
} from '@libs/testing';
import { Client } from 'pg';

import { type FakeScene, openFakeScene, payeesOn, runUntilDone } from '../testing/run-engine';

const PEOPLE = 100;
/** Finished attempts of a hundred payments each. */
const PAST = 400;
/** Handed over just now, and not due yet. */
const JUST_ARRIVED = 20_000;
/** What a statement may look at to find that there is nothing to do: the payments of one attempt. */
const FOR_NOTHING = PEOPLE;
/** Asked by the test itself. */
const OWN = 'SELECT status, count(*) AS count FROM submissions.submissions';
const LARGE = ['submissions', 'attempts', 'envelopes', 'attempt_submissions'];

describe('statements of transaction-submission over large tables', () => {
  let scene: FakeScene;
  let superuser: Client;
  let seen: SeenPlan[];

  const pay = async (people: number, notDue: number): Promise<void> => {
    await scene.world.dispatch(payeesOn(scene.fake, people));
    await runUntilDone(scene, {
      next: () => scene.world.process({ settings: { paymentsPerEnvelope: PEOPLE } }),
      notDue,
    });
  };

  beforeAll(async () => {
    const database = await testDatabase();
    await tellPlans(database, 'transactionSubmission');
    superuser = new Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    scene = await openFakeScene({ channels: 4, database });
    seen = seePlans(scene.world.database);
    // Who is connected already tells nobody.
    await superuser.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = 'distributary_transaction_submission'`,
    );
    const { pool } = scene.world.database;
    while (pool.totalCount > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await pay(PEOPLE, 0);
    await addHistory(superuser, scene.world.tenantId);
    await addFileJustArrived(superuser);
    seen.length = 0;
    await pay(PEOPLE, JUST_ARRIVED);
    await pay(3, JUST_ARRIVED);
    seen = seen.filter(({ statement }) => !statement.startsWith(OWN));
  }, 120_000);
  afterAll(async () => {
    await superuser.end();
    await scene.world.close();
  });

  it('go over no more than fifty rows for each that they use', () => {
    expect(dearStatements(seen, FOR_NOTHING)).toEqual([]);
  });

  it('read no large table from end to end', () => {
    expect(readersOfWhole(LARGE, seen)).toEqual([]);
  });

  it('were all seen: each step of a payment has left its own', async () => {
    expect(await scene.world.statuses()).toEqual({ SUCCESS: (PAST + 2) * PEOPLE + 3, QUEUED: JUST_ARRIVED });
    for (const part of [
      'INSERT INTO submissions.submissions',
      'INSERT INTO submissions.attempts',
      'INSERT INTO submissions.envelopes',
      'INSERT INTO submissions.attempt_submissions',
      'UPDATE submissions.channel_accounts',
      'INSERT INTO eventing.outbox',
    ]) {
      expect([part, seen.some(({ statement }) => statement.includes(part))]).toEqual([part, true]);
    }
    expect(new Set(seen.map(({ statement }) => statement)).size).toBeGreaterThan(20);
  });
});

/** Copies the attempt that was just made, many times: rows as wide as real ones, and no column is forgotten. */
async function addHistory(superuser: Client, tenantId: string): Promise<void> {
  const sql = (text: string): Promise<unknown> => superuser.query(text);
  await sql('SET session_replication_role = replica');
  await superuser.query(
    `CREATE TEMP TABLE model AS SELECT id FROM submissions.attempts WHERE operations = ${String(PEOPLE)} LIMIT 1`,
  );
  await sql(
    `CREATE TEMP TABLE copies AS SELECT nr, uuidv7() AS id FROM generate_series(1, ${String(PAST)}) AS nr`,
  );
  await sql(
    `CREATE TEMP TABLE people AS
       SELECT c.id AS attempt_id, l.position, l.submission_id AS old_id, uuidv7() AS id
         FROM copies c CROSS JOIN model m JOIN submissions.attempt_submissions l ON l.attempt_id = m.id`,
  );
  const hash = `encode(sha256(c.id::text::bytea), 'hex')`;
  await copy(superuser, 'submissions', 'people p JOIN submissions.submissions o ON o.id = p.old_id', {
    id: 'p.id',
    payment_id: 'p.id',
    attempt_id: 'p.attempt_id',
  });
  await copy(
    superuser,
    'attempts',
    'copies c CROSS JOIN model m JOIN submissions.attempts o ON o.id = m.id',
    { id: 'c.id', reference: hash },
  );
  await copy(
    superuser,
    'envelopes',
    'copies c CROSS JOIN model m JOIN submissions.envelopes o ON o.attempt_id = m.id',
    { attempt_id: 'c.id', inner_hash: hash, envelope_hash: `encode(sha256(c.nr::text::bytea), 'hex')` },
  );
  await copy(
    superuser,
    'attempt_submissions',
    `people p CROSS JOIN model m
       JOIN submissions.attempt_submissions o ON o.attempt_id = m.id AND o.position = p.position`,
    { attempt_id: 'p.attempt_id', submission_id: 'p.id' },
  );
  await sql('SET session_replication_role = origin');
  await sql('VACUUM (ANALYZE)');
  const { rows } = await superuser.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM submissions.submissions WHERE tenant_id = $1',
    [tenantId],
  );
  expect(rows).toEqual([{ n: (PAST + 1) * PEOPLE }]);
}

/** Submissions of which the planner's statistics do not know yet, as they never do in the first minute. */
async function addFileJustArrived(superuser: Client): Promise<void> {
  await superuser.query('SET session_replication_role = replica');
  await superuser.query(
    `CREATE TEMP TABLE arrived AS SELECT uuidv7() AS id FROM generate_series(1, ${String(JUST_ARRIVED)})`,
  );
  await copy(
    superuser,
    'submissions',
    'arrived a CROSS JOIN (SELECT * FROM submissions.submissions LIMIT 1) o',
    {
      id: 'a.id',
      payment_id: 'a.id',
      attempt_id: 'NULL',
      status: `'QUEUED'`,
      ready_at: `now() + interval '1 day'`,
    },
  );
  await superuser.query('SET session_replication_role = origin');
}

async function copy(
  superuser: Client,
  table: string,
  from: string,
  replaced: Readonly<Record<string, string>>,
): Promise<void> {
  const { rows } = await superuser.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
      WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity = ''`,
    [`submissions.${table}`],
  );
  const names = rows.map(({ name }) => name);
  const values = names.map((name) => replaced[name] ?? `o.${name}`);
  await superuser.query(
    `INSERT INTO submissions.${table} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${from}`,
  );
}
