import { silentLogger } from '@libs/observability';
import { OrganizationsRepository } from '@libs/tenants';

import { CoreWorld, type Given } from '../testing/given-disbursement';
import { CancelAgedJob } from './cancel-aged.job';

const PERSON = { amount: 10_000_000n, registered: false };

describe('what was READY for very long', () => {
  let world: CoreWorld;
  let job: CancelAgedJob;

  beforeAll(async () => {
    world = await CoreWorld.open();
    job = new CancelAgedJob(
      world.unit,
      world.payments,
      new OrganizationsRepository(),
      world.cancellations,
      silentLogger,
    );
  });
  afterAll(() => world.close());

  async function givenReady(count: number, days: number | null): Promise<Given> {
    const given = await world.givenStarted(Array.from({ length: count }, () => PERSON));
    await world.drain.run();
    await world.superuser.query(
      `UPDATE tenants.organizations SET payment_cancellation_period_days = $2 WHERE tenant_id = $1`,
      [given.tenantId, days],
    );
    return given;
  }

  /** As if the first so many had waited for so long. */
  const age = (given: Given, count: number, interval: string): Promise<unknown> =>
    world.superuser.query(
      `UPDATE disbursements.payments SET updated_at = now() - $3::interval WHERE id IN
         (SELECT id FROM disbursements.payments WHERE tenant_id = $1 ORDER BY id LIMIT $2)`,
      [given.tenantId, count, interval],
    );

  const promised = async (): Promise<unknown> =>
    await world.rows(
      `SELECT asset_code, (reserved - released)::text AS open FROM disbursements.fund_reservations ORDER BY 1`,
    );

  it('is cancelled after the days that the organisation waits, with its funds, and nothing younger', async () => {
    const given = await givenReady(3, 30);
    await age(given, 2, '30 days 1 minute');
    await job.run();
    expect((await world.statuses(given)).sort()).toEqual(['CANCELED', 'CANCELED', 'READY']);
    const [row] = await world.rows<{ reason: string }>(
      `SELECT status_history -> -1 ->> 'reason' AS reason FROM disbursements.payments
        WHERE tenant_id = $1 AND status = 'CANCELED' LIMIT 1`,
      [given.tenantId],
    );
    expect(row?.reason).toBe('not paid within 30 days');
    expect(await promised()).toEqual([
      { asset_code: 'USDC', open: '10000000' },
      { asset_code: 'XLM', open: '200' },
    ]);
    await world.assertCountersTrue(given);
    await age(given, 3, '31 days');
    await job.run();
    expect(
      await world.rows(`SELECT status, open FROM disbursements.disbursements WHERE id = $1`, [
        given.disbursementId,
      ]),
    ).toEqual([{ status: 'COMPLETED', open: 0 }]);
  });

  it('stays where the organisation waits for ever', async () => {
    const given = await givenReady(1, null);
    await age(given, 1, '10 years');
    await job.run();
    expect(await world.statuses(given)).toEqual(['READY']);
  });

  it('is cancelled for one organisation though it fails for another, in chunks when they are many', async () => {
    const broken = await givenReady(1, 1);
    const given = await givenReady(300, 1);
    await age(broken, 1, '2 days');
    await age(given, 300, '2 days');
    // Counters may not fall below zero: the move fails.
    await world.superuser.query(`UPDATE disbursements.disbursements SET count_ready = 0 WHERE id = $1`, [
      broken.disbursementId,
    ]);
    await job.run();
    expect(await world.statuses(broken)).toEqual(['READY']);
    expect(new Set(await world.statuses(given))).toEqual(new Set(['CANCELED']));
  });
});
