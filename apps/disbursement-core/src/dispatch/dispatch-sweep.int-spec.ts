import type { ReadyPlace } from '@libs/disbursements';
import { LOWEST_ID } from '@libs/kernel';
import { type SeenPlan, seePlans } from '@libs/testing';

import { CoreWorld, type Given } from '../testing/given-disbursement';

const REGISTERED = { amount: 10_000_000n, registered: true };
const MANY = 20_000;

describe('the walk over READY payments', () => {
  let world: CoreWorld;
  let seen: SeenPlan[];

  beforeAll(async () => {
    world = await CoreWorld.open({ plans: true });
    seen = seePlans(world.database);
  });
  afterAll(() => world.close());

  /** READY payments of registered wallets that are missing on the list: three at each moment, the next moment a microsecond later. */
  const givenMissing = async (count: number): Promise<Given> => {
    const given = await world.givenStarted(Array.from({ length: count }, () => REGISTERED));
    await world.superuser.query(
      `UPDATE disbursements.payments p
          SET status = 'READY', created_at = '2026-01-01 10:00:00.123450Z'::timestamptz + n / 3 * interval '1 microsecond'
         FROM (SELECT id, row_number() OVER (ORDER BY id DESC) - 1 AS n FROM disbursements.payments WHERE tenant_id = $1) AS numbered
        WHERE p.tenant_id = $1 AND p.id = numbered.id`,
      [given.tenantId],
    );
    return given;
  };

  const correct = (
    { tenantId }: Given,
    after: ReadyPlace | null,
    limit: number,
  ): Promise<ReadyPlace | null> => world.run(tenantId, (tx) => world.payable.correct(tx, after, limit));

  const listedOf = async ({ tenantId }: Given): Promise<number> =>
    (
      await world.rows(
        'SELECT FROM disbursements.payments WHERE tenant_id = $1 AND status = $2 AND wallet_registered',
        [tenantId, 'READY'],
      )
    ).length;

  it('comes to each payment once, however many were made in the same moment', async () => {
    const given = await givenMissing(11);
    const listed: number[] = [];
    let place: ReadyPlace | null = null;
    do {
      place = await correct(given, place, 2);
      listed.push(await listedOf(given));
    } while (place !== null && listed.length < 10);
    expect(listed).toEqual([2, 4, 6, 8, 10, 11]);
  });

  it.each([
    ['is not READY any more', `UPDATE disbursements.payments SET status = 'PAUSED' WHERE id = $1`],
    ['is gone', 'DELETE FROM disbursements.payments WHERE id = $1'],
  ])('goes on behind a payment that %s', async (_, statement) => {
    const given = await givenMissing(5);
    const place = await correct(given, null, 2);
    await world.superuser.query(statement, [place?.id]);
    expect(await correct(given, place, 10)).toBeNull();
    expect(await listedOf(given)).toBe(4);
  });

  it('goes to the organisations with such payments, in the order of their ids', async () => {
    const [paused, ready, pending] = [await givenMissing(1), await givenMissing(2), await givenMissing(1)];
    await setStatus(paused, 'PAUSED');
    await setStatus(pending, 'PENDING');
    const found = (status: 'READY' | 'PENDING', after: string, limit = 1_000): Promise<readonly string[]> =>
      world.unit.runSystem('a test', (tx) => world.payments.tenantsWithPayments(tx, status, after, limit));

    expect(await found('READY', paused.tenantId)).toEqual([ready.tenantId]);
    expect(await found('PENDING', LOWEST_ID)).toEqual([pending.tenantId]);
    const all = await found('READY', LOWEST_ID);
    expect(all).toEqual([...all].sort());
    expect(await found('READY', LOWEST_ID, 1)).toEqual(all.slice(0, 1));
  });

  it.each(['force_custom_plan', 'force_generic_plan'])(
    'reads no more than it looks at, of so many READY payments that the planner knows nothing of (%s)',
    async (mode) => {
      const given = await givenMissing(1);
      await add(given, 'SUCCESS');
      await world.superuser.query('ANALYZE');
      await add(given, 'READY');
      seen.length = 0;
      await world.run(given.tenantId, async (tx) => {
        await tx.execute(`SET LOCAL plan_cache_mode = ${mode}`);
        const place = await world.payable.correct(tx, null, 100);
        await world.payable.correct(tx, place, 100);
      });
      await world.unit.runSystem('a test', async (tx) => {
        await tx.execute(`SET LOCAL plan_cache_mode = ${mode}`);
        await world.payments.tenantsWithPayments(tx, 'READY', LOWEST_ID, 1_000);
      });
      const pages = seen.filter(({ statement }) => statement.includes('(created_at, id) >'));
      expect(pages.map(({ used }) => used)).toEqual([100, 100]);
      const tenants = seen.filter(({ statement }) => statement.includes('AS waiting'));
      expect(tenants).toHaveLength(1);
      // A payment and its wallet, or an organisation and one of its payments.
      for (const { visited, used } of [...pages, ...tenants]) expect(visited).toBeLessThanOrEqual(3 * used);
    },
  );

  const setStatus = ({ tenantId }: Given, status: string): Promise<unknown> =>
    world.superuser.query('UPDATE disbursements.payments SET status = $2 WHERE tenant_id = $1', [
      tenantId,
      status,
    ]);

  const add = async ({ tenantId, disbursementId }: Given, status: string): Promise<void> => {
    await world.superuser.query('SET session_replication_role = replica');
    await world.superuser.query(
      `WITH people AS MATERIALIZED (SELECT uuidv7() AS id, uuidv7() AS wallet FROM generate_series(1, $4)),
       wallets AS (
         INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status)
         SELECT $1, p.wallet, p.id, d.wallet_id, 'READY' FROM people p JOIN disbursements.disbursements d ON d.id = $2)
       INSERT INTO disbursements.payments (tenant_id, id, type, disbursement_id, receiver_id, receiver_wallet_id, asset_id, amount, status,
         stellar_transaction_id)
       SELECT $1, uuidv7(), 'DISBURSEMENT', d.id, p.id, p.wallet, d.asset_id, 5, $3, CASE WHEN $3 = 'SUCCESS' THEN 'a hash' END
         FROM people p JOIN disbursements.disbursements d ON d.id = $2`,
      [tenantId, disbursementId, status, MANY],
    );
    await world.superuser.query('SET session_replication_role = origin');
  };
});
