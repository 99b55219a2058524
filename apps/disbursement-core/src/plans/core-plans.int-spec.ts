import { KeptCountersRead, PromisedFundsRead } from '@libs/disbursements';
import { silentLogger } from '@libs/observability';
import { FindingRepository } from '@libs/submissions';
import { OrganizationsRepository } from '@libs/tenants';
import { dearStatements, readersOfWhole, type SeenPlan, seePlans } from '@libs/testing';

import { CompareCountersJob } from '../counters/compare-counters.job';
import { RepeatStaleDispatchesJob } from '../dispatch/repeat-stale-dispatches.job';
import { CancelAgedJob } from '../outcomes/cancel-aged.job';
import { CancelRequestedJob } from '../outcomes/cancel-requested.job';
import { completedPayments } from '../testing/completed-payments';
import { CoreWorld, type Given } from '../testing/given-disbursement';

/** So many beside who waits that reading all of them is never nearly as cheap. */
const PAID = 80_000;
const UNREGISTERED = 20_000;
const PAST = 10_000;
const JUST_PUBLISHED = 20_000;
const PEOPLE = 300;
/** Adds up what is open. */
const SUM_OF_OPEN = 'FROM disbursements.fund_reservations r';
/** Counts payments to prove the totals: it goes over all of them by purpose. */
const PROOFS = [
  'FROM disbursements.payments p WHERE p.tenant_id = $1 AND p.disbursement_id = $2 AND (p.status',
];

describe('statements of disbursement-core over large tables', () => {
  let world: CoreWorld;
  let given: Given;
  let seen: SeenPlan[];

  beforeAll(async () => {
    world = await CoreWorld.open({ plans: true });
    seen = seePlans(world.database);
    given = await world.givenStarted(
      Array.from({ length: PEOPLE }, (_, index) => ({ amount: 10_000_000n, registered: index % 3 > 0 })),
    );
    await addHistory(world, given);
    await addFileJustPublished(world, given);
    await runEverything(world, given);
  }, 120_000);
  afterAll(() => world.close());

  const ofTheFlow = (): SeenPlan[] =>
    seen.filter(({ statement }) => !PROOFS.some((proof) => statement.includes(proof)));

  it('go over no more than fifty rows for each that they use', () => {
    // What is open is added up to a row: each of those payments is used, and no other.
    const others = ofTheFlow().filter(({ statement }) => !statement.includes(SUM_OF_OPEN));
    expect(dearStatements(others)).toEqual([]);
  });

  it('read no large table from end to end', () => {
    const large = ['payments', 'receivers', 'receiver_wallets', 'disbursements'];
    expect(readersOfWhole(large, ofTheFlow())).toEqual([]);
  });

  it('were all seen: each step of the flow has left its own', () => {
    const statements = new Set(seen.map(({ statement }) => statement)).size;
    for (const part of [
      'AND NOT disputed ORDER BY status, id LIMIT $5 FOR UPDATE',
      "status = 'READY' AND wallet_registered AND type = $2",
      'count_pending',
      'FOR SHARE',
      'stellar_transaction_id = $7',
      'cancel_requested_at IS NOT NULL AND NOT disputed',
      'dispatched_at < now()',
      'updated_at < now() - make_interval',
      'INSERT INTO eventing.outbox',
      '(created_at, id) >',
      'AS waiting',
      SUM_OF_OPEN,
    ]) {
      expect([part, seen.some(({ statement }) => statement.includes(part))]).toEqual([part, true]);
    }
    expect(statements).toBeGreaterThan(30);
  });
});

/** People who were paid long ago, and people of another disbursement who have not registered, in the same organisation. */
async function addHistory(world: CoreWorld, { tenantId, disbursementId }: Given): Promise<void> {
  const sql = (text: string, values: readonly unknown[] = []): Promise<unknown> =>
    world.superuser.query(text, [...values]);
  await sql(`SET session_replication_role = replica`);
  await sql(
    `CREATE TEMP TABLE people AS
       SELECT n, uuidv7() AS id, uuidv7() AS wallet, uuidv7() AS payment,
              CASE WHEN n <= ${String(PAID)} THEN n / 400 ELSE 1000 END AS round, n <= ${String(PAID)} AS paid
         FROM generate_series(1, ${String(PAID + UNREGISTERED)}) AS n`,
  );
  await sql(`CREATE TEMP TABLE rounds AS SELECT DISTINCT round, uuidv7() AS id FROM people GROUP BY round`);
  await sql(
    `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type,
       verification_field, goal_version, count_success, amount_success, count_ready, amount_ready)
     SELECT $1, r.id, 'Round ' || r.round, d.asset_id, d.wallet_id, CASE WHEN r.round = 1000 THEN 'STARTED' ELSE 'COMPLETED' END,
            'PHONE_NUMBER', 'PIN', 1, count(*) FILTER (WHERE paid), 5 * count(*) FILTER (WHERE paid),
            count(*) FILTER (WHERE NOT paid), 5 * count(*) FILTER (WHERE NOT paid)
       FROM rounds r JOIN people USING (round) JOIN disbursements.disbursements d ON d.id = $2
      GROUP BY r.id, r.round, d.asset_id, d.wallet_id`,
    [tenantId, disbursementId],
  );
  await sql(
    `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type, verification_field)
     SELECT d.tenant_id, uuidv7(), 'Past ' || n, d.asset_id, d.wallet_id, 'COMPLETED', 'PHONE_NUMBER', 'PIN'
       FROM generate_series(1, ${String(PAST)}) AS n JOIN disbursements.disbursements d ON d.id = $1`,
    [disbursementId],
  );
  await sql(
    `INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id) SELECT $1, id, '+2547' || 10000000 + n, 'P' FROM people`,
    [tenantId],
  );
  await sql(
    `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, stellar_address)
     SELECT $1, p.wallet, p.id, d.wallet_id, CASE WHEN paid THEN 'REGISTERED' ELSE 'READY' END,
            CASE WHEN paid THEN 'G' || left(translate(upper(encode(sha256(n::text::bytea), 'hex')), '0189', 'GHIJ'), 55) END
       FROM people p JOIN disbursements.disbursements d ON d.id = $2`,
    [tenantId, disbursementId],
  );
  await sql(
    `INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount,
       status, dispatch, wallet_registered, stellar_transaction_id)
     SELECT $1, payment, 'DISBURSEMENT', r.id, p.id, p.wallet, d.asset_id, 5, CASE WHEN paid THEN 'SUCCESS' ELSE 'READY' END,
            paid::int, paid, CASE WHEN paid THEN repeat('a', 64) END
       FROM people p JOIN rounds r USING (round) JOIN disbursements.disbursements d ON d.id = $2`,
    [tenantId, disbursementId],
  );
  await sql(`SET session_replication_role = origin`);
  await sql(`UPDATE tenants.organizations SET payment_cancellation_period_days = 30 WHERE tenant_id = $1`, [
    tenantId,
  ]);
  await sql(`VACUUM (ANALYZE)`);
}

/** People of a file of which the planner's statistics do not know yet, as they never do in the first minute. */
async function addFileJustPublished(world: CoreWorld, { tenantId, disbursementId }: Given): Promise<void> {
  await world.superuser.query(`SET session_replication_role = replica`);
  await world.superuser.query(
    `WITH d AS MATERIALIZED (
       SELECT uuidv7() AS id, asset_id, wallet_id FROM disbursements.disbursements WHERE id = $2),
     people AS MATERIALIZED (
       SELECT n, uuidv7() AS id, uuidv7() AS wallet FROM generate_series(1, ${String(JUST_PUBLISHED)}) AS n),
     disbursement AS (
       INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type,
         verification_field, count_draft, amount_draft)
       SELECT $1, id, 'Next round', asset_id, wallet_id, 'READY', 'PHONE_NUMBER', 'PIN', ${String(JUST_PUBLISHED)},
              5 * ${String(JUST_PUBLISHED)} FROM d),
     receivers AS (
       INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id) SELECT $1, id, '+2548' || 10000000 + n, 'P' FROM people),
     wallets AS (
       INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status)
       SELECT $1, p.wallet, p.id, d.wallet_id, 'DRAFT' FROM people p CROSS JOIN d)
     INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount, status)
     SELECT $1, uuidv7(), 'DISBURSEMENT', d.id, p.id, p.wallet, d.asset_id, 5, 'DRAFT' FROM people p CROSS JOIN d`,
    [tenantId, disbursementId],
  );
  await world.superuser.query(`SET session_replication_role = origin`);
}

/** Every step that core takes for a disbursement, and every job of its clock. */
async function runEverything(world: CoreWorld, given: Given): Promise<void> {
  const { unit, payments, cancellations, dispatcher } = world;
  await world.drain.run();
  await world.until(given.tenantId, 'PENDING', (PEOPLE * 2) / 3);
  await world.sweep();
  await world.queue.idle();
  await new RepeatStaleDispatchesJob(unit, payments, dispatcher, silentLogger).run();
  await new CancelAgedJob(unit, payments, new OrganizationsRepository(), cancellations, silentLogger).run();
  await world.superuser.query(
    `UPDATE disbursements.payments SET cancel_requested_at = now() WHERE id IN
       (SELECT id FROM disbursements.payments WHERE tenant_id = $1 AND status = 'PENDING' ORDER BY id LIMIT 5)`,
    [given.tenantId],
  );
  await new CancelRequestedJob(unit, payments, cancellations, silentLogger).run();
  await unit.runSystem('what is promised, beside what is open', (tx) => new PromisedFundsRead().read(tx));
  const ids = await world.rows<{ id: string }>(
    `SELECT id FROM disbursements.payments WHERE tenant_id = $1 AND status = 'PENDING' ORDER BY id LIMIT 100`,
    [given.tenantId],
  );
  await world.run(given.tenantId, (tx) =>
    world.completed.handle(
      tx,
      completedPayments(
        given,
        ids.map(({ id }, index) => ({
          id,
          dispatch: 1,
          outcome: 'SUCCESS' as const,
          amount_paid: '1.0000000',
          operation_id: String(index),
          reason_code: null,
        })),
        'b'.repeat(64),
      ),
    ),
  );
  const registered = await world.rows<{ receiver_wallet_id: string }>(
    `SELECT receiver_wallet_id FROM disbursements.payments WHERE disbursement_id = $1 AND status = 'READY' LIMIT 1`,
    [given.disbursementId],
  );
  await world.run(given.tenantId, (tx) =>
    world.payable.noteWallets(
      tx,
      registered.map((row) => row.receiver_wallet_id),
    ),
  );
  await pause(world, given);
  const parts = {
    unit,
    counters: new KeptCountersRead(),
    findings: new FindingRepository(),
    logger: silentLogger,
  };
  await new CompareCountersJob(parts).run();
}

async function pause(world: CoreWorld, { tenantId, disbursementId }: Given): Promise<void> {
  await world.run(tenantId, async (tx) => {
    const version = (await world.disbursements.moveToGoal(tx, 'pause', disbursementId)) ?? 0;
    await world.workItems.put(tx, { disbursementId, goal: 'pause', version });
  });
  await world.drain.run();
}
