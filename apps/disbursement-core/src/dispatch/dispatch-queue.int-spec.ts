import { paymentReadyToPayV1 } from '@libs/contracts';
import { DIRECT_BEYOND_MAX, PayablePayments } from '@libs/disbursements';
import { silentLogger } from '@libs/observability';

import { CoreWorld, type Given } from '../testing/given-disbursement';
import { DispatchQueue } from './dispatch-queue';

const REGISTERED = { amount: 10_000_000n, registered: true };
const BACKLOG = 30;

describe('the queue of what can be dispatched', () => {
  let world: CoreWorld;

  beforeAll(async () => {
    world = await CoreWorld.open({ backlogMax: BACKLOG });
  });
  afterAll(() => world.close());

  const people = (count: number): (typeof REGISTERED)[] => Array.from({ length: count }, () => REGISTERED);

  const settle = (given: Given, count: number): Promise<unknown> =>
    world.run(given.tenantId, async (tx) => {
      const [{ ids } = { ids: [] }] = await world.rows<{ ids: string[] }>(
        `SELECT array_agg(id) AS ids FROM (SELECT id FROM disbursements.payments
          WHERE tenant_id = $1 AND status = 'PENDING' ORDER BY id LIMIT $2) AS chosen`,
        [given.tenantId, count],
      );
      return await world.outcomes.settle(
        tx,
        { hash: 'a'.repeat(64), sourceAccount: 'G' },
        ids.map((id) => ({ id, operationId: '1' })),
      );
    });

  const countOf = async (given: Given, status: string): Promise<number> =>
    (await world.statuses(given)).filter((one) => one === status).length;

  it('gives submission no more of a tenant than it may have, and more as soon as outcomes make room', async () => {
    const given = await world.givenStarted(people(BACKLOG + 25));
    await world.drain.run();
    await world.until(given.tenantId, 'PENDING', BACKLOG);
    await world.queue.idle();
    expect(await countOf(given, 'READY')).toBe(25);
    await settle(given, 10);
    world.queue.soon(given.tenantId);
    await world.until(given.tenantId, 'READY', 15);
    await world.queue.idle();
    expect(await countOf(given, 'PENDING')).toBe(BACKLOG);
    await settle(given, BACKLOG);
    world.queue.soon(given.tenantId);
    await world.until(given.tenantId, 'PENDING', 15);
    expect(await countOf(given, 'SUCCESS')).toBe(BACKLOG + 10);
    await world.assertCountersTrue(given);
  });

  it('lets a direct payment pass a disbursement that has filled its room', async () => {
    const given = await world.givenStarted(people(BACKLOG + 5));
    await world.drain.run();
    await world.until(given.tenantId, 'PENDING', BACKLOG);
    await world.superuser.query(
      `UPDATE disbursements.payments SET type = 'DIRECT', disbursement_id = NULL WHERE id =
         (SELECT id FROM disbursements.payments WHERE tenant_id = $1 AND status = 'READY' ORDER BY id DESC LIMIT 1)`,
      [given.tenantId],
    );
    world.queue.soon(given.tenantId);
    await world.until(given.tenantId, 'PENDING', BACKLOG + 1);
  });

  it('comes to the direct payments behind very many that are held', async () => {
    const [held, free] = [260, 2];
    const given = await world.givenStarted(people(held + free));
    await world.superuser.query(
      `UPDATE disbursements.payments SET type = 'DIRECT', disbursement_id = NULL, status = 'READY', wallet_registered = true
        WHERE tenant_id = $1`,
      [given.tenantId],
    );
    await world.superuser.query(
      `INSERT INTO submissions.holds (tenant_id, subject_type, subject_id, reason, actor)
       SELECT tenant_id, 'payment', id, 'a test', 'system:test' FROM disbursements.payments
        WHERE tenant_id = $1 ORDER BY id LIMIT $2`,
      [given.tenantId, held],
    );
    world.queue.soon(given.tenantId);
    await world.until(given.tenantId, 'PENDING', free);
    expect(await countOf(given, 'READY')).toBe(held);
  });

  it('gives nothing, and finds nothing wrong with that, where submission has far more than it may have', async () => {
    const given = await world.givenStarted(people(1));
    await world.superuser.query(
      `UPDATE disbursements.payments SET status = 'READY', wallet_registered = true WHERE tenant_id = $1`,
      [given.tenantId],
    );
    await world.superuser.query(`UPDATE disbursements.disbursements SET count_pending = 5 WHERE id = $1`, [
      given.disbursementId,
    ]);
    const told: string[] = [];
    const { unit, dispatcher } = world;
    const logger = { ...silentLogger, error: (_: object, message: string) => void told.push(message) };
    const queue = new DispatchQueue({
      unit,
      dispatcher,
      payable: new PayablePayments(-DIRECT_BEYOND_MAX),
      logger,
    });
    queue.soon(given.tenantId);
    await queue.idle();
    await queue.stop();
    expect([told, await world.statuses(given)]).toEqual([[], ['READY']]);
  });

  it('takes a set of each tenant in turn, so that a small one goes before the rest of a large one', async () => {
    const own = await CoreWorld.open();
    try {
      const large = await own.givenStarted(people(600));
      const small = await own.givenStarted(people(1));
      for (const { tenantId, payments } of [large, small]) {
        const ids = payments.map(({ id }) => id);
        await own.run(tenantId, async (tx) => {
          await own.moves.move(tx, 'release', ids);
          await own.payable.notePayments(tx, ids);
        });
      }
      own.queue.soon(large.tenantId);
      own.queue.soon(small.tenantId);
      await own.until(large.tenantId, 'PENDING', 600);
      await own.until(small.tenantId, 'PENDING', 1);
      const rows = await own.rows<{ tenant: string }>(
        `SELECT convert_from(value, 'UTF8')::jsonb ->> 'tenant_id' AS tenant FROM eventing.outbox
          WHERE topic = $1 ORDER BY seq`,
        [paymentReadyToPayV1.topic],
      );
      const tenants = rows.map(({ tenant }) => tenant);
      expect(tenants).toContain(small.tenantId);
      expect(tenants.indexOf(small.tenantId)).toBeLessThan(tenants.lastIndexOf(large.tenantId));
    } finally {
      await own.close();
    }
  });

  it('hears of who registered though the event was lost, when the clock looks', async () => {
    const given = await world.givenStarted([{ amount: 10_000_000n, registered: false }]);
    await world.drain.run();
    await world.queue.idle();
    expect(await world.statuses(given)).toEqual(['READY']);
    await world.superuser.query(
      `UPDATE receivers.receiver_wallets SET status = 'REGISTERED', stellar_address = $2 WHERE tenant_id = $1`,
      [given.tenantId, `G${'D'.repeat(55)}`],
    );
    await world.sweep();
    await world.until(given.tenantId, 'PENDING', 1);
  });

  it('forgets who has unregistered, and dispatches nothing for them', async () => {
    const given = await world.givenStarted([REGISTERED]);
    await world.superuser.query(
      `UPDATE receivers.receiver_wallets SET status = 'READY', stellar_address = NULL WHERE tenant_id = $1`,
      [given.tenantId],
    );
    await world.superuser.query(
      `UPDATE disbursements.payments SET status = 'READY', wallet_registered = true WHERE tenant_id = $1`,
      [given.tenantId],
    );
    await world.sweep();
    await world.queue.idle();
    expect(
      await world.rows(`SELECT status, wallet_registered FROM disbursements.payments WHERE tenant_id = $1`, [
        given.tenantId,
      ]),
    ).toEqual([{ status: 'READY', wallet_registered: false }]);
  });
});
