import { paymentReadyToPayV1, receiverWalletNewInvitationV1 } from '@libs/contracts';
import { silentLogger, traceIdOf } from '@libs/observability';

import { CancelRequestedJob } from '../outcomes/cancel-requested.job';
import { CoreWorld } from '../testing/given-disbursement';
import type { ChunkDone, Reached } from './work-step.service';

const person = (registered: boolean): { amount: bigint; registered: boolean } => ({
  amount: 10_000_000n,
  registered,
});

describe('the payments of a disbursement that was started', () => {
  let world: CoreWorld;

  beforeAll(async () => {
    world = await CoreWorld.open();
  });

  afterAll(async () => {
    await world.close();
  });

  const untilDispatched = async (tenantId: string, count: number): Promise<void> => {
    await world.until(tenantId, 'PENDING', count);
  };

  it('become READY, and those who have no wallet yet are invited', async () => {
    const given = await world.givenStarted([person(false), person(false), person(false)]);
    await world.drain.run();
    expect(await world.statuses(given)).toEqual(['READY', 'READY', 'READY']);
    const invitations = await world.published(receiverWalletNewInvitationV1, given.tenantId);
    expect(invitations.flatMap((event) => event.data.receiver_wallet_ids).sort()).toEqual(
      given.payments.map((payment) => payment.receiverWalletId).sort(),
    );
    await world.assertCountersTrue(given);
  });

  it('are dispatched at once where the wallet is registered, each under dispatch 1, and nobody is invited for that', async () => {
    const given = await world.givenStarted([person(true), person(false), person(true)]);
    await world.drain.run();
    await untilDispatched(given.tenantId, 2);
    const events = await world.published(paymentReadyToPayV1, given.tenantId);
    const handedOver = events.flatMap((event) => event.data.payments);
    expect(handedOver.map((payment) => [payment.amount, payment.dispatch])).toEqual([
      ['1.0000000', 1],
      ['1.0000000', 1],
    ]);
    expect(handedOver[0]?.memo).toEqual({
      type: 'text',
      value: expect.stringMatching(/^sdp-[0-9a-f]{12}$/) as string,
    });
    const invitations = await world.published(receiverWalletNewInvitationV1, given.tenantId);
    expect(invitations.flatMap((event) => event.data.receiver_wallet_ids)).toEqual([
      given.payments[1]?.receiverWalletId,
    ]);
    await world.assertCountersTrue(given);
  });

  it('carry on the trace of the upload, in the invitations and in what is handed over', async () => {
    const given = await world.givenStarted([person(true), person(false)]);
    const traceId = 'c'.repeat(32);
    await world.superuser.query(`UPDATE disbursements.disbursements SET trace = $2 WHERE id = $1`, [
      given.disbursementId,
      `00-${traceId}-${'d'.repeat(16)}-01`,
    ]);
    await world.drain.run();
    await untilDispatched(given.tenantId, 1);
    const events = [
      ...(await world.published(receiverWalletNewInvitationV1, given.tenantId)),
      ...(await world.published(paymentReadyToPayV1, given.tenantId)),
    ];
    expect(events.map((event) => traceIdOf(event.trace))).toEqual([traceId, traceId]);
  });

  it('follow in chunks when they are many, and none is left', async () => {
    const given = await world.givenStarted(
      Array.from({ length: 1_220 }, (_, index) => person(index % 2 === 0)),
    );
    await world.drain.run();
    await untilDispatched(given.tenantId, 610);
    const statuses = await world.statuses(given);
    expect(statuses.filter((status) => status === 'READY')).toHaveLength(610);
    expect(
      await world.rows(`SELECT 1 FROM disbursements.work_items WHERE tenant_id = $1`, [given.tenantId]),
    ).toEqual([]);
    await world.assertCountersTrue(given);
  });

  it('are not left behind when one comes back behind the place that the work has reached', async () => {
    const given = await world.givenStarted(Array.from({ length: 1_020 }, () => person(false)));
    const chunk = (reached: Reached | null): Promise<ChunkDone> =>
      world.run(given.tenantId, (tx) => world.step.take(tx, reached));
    const first = await chunk(null);
    const [lowest] = [...given.payments].sort((one, other) => (one.id < other.id ? -1 : 1));
    await world.superuser.query(`UPDATE disbursements.payments SET status = 'DRAFT' WHERE id = $1`, [
      lowest?.id,
    ]);
    await world.superuser.query(
      `UPDATE disbursements.disbursements SET count_ready = count_ready - 1, amount_ready = amount_ready - 10000000,
              count_draft = count_draft + 1, amount_draft = amount_draft + 10000000 WHERE id = $1`,
      [given.disbursementId],
    );
    for (let done = first; done.more;) done = await chunk(done.reached);
    expect(new Set(await world.statuses(given))).toEqual(new Set(['READY']));
    await world.assertCountersTrue(given);
  });

  it('stay where they are when the disbursement was paused before anybody got to them', async () => {
    const given = await world.givenStarted([person(true)]);
    await world.superuser.query(
      `UPDATE disbursements.disbursements SET status = 'PAUSED', goal_version = 2 WHERE id = $1`,
      [given.disbursementId],
    );
    await world.drain.run();
    expect(await world.statuses(given)).toEqual(['DRAFT']);
  });

  it('end paused after pause, resume, pause in a row, whatever was drained between', async () => {
    const given = await world.givenStarted([person(false), person(false)]);
    await world.drain.run();
    const goal = async (move: 'pause' | 'resume', drain: boolean): Promise<void> => {
      await world.run(given.tenantId, async (tx) => {
        const version = await world.disbursements.moveToGoal(tx, move, given.disbursementId);
        await world.workItems.put(tx, {
          disbursementId: given.disbursementId,
          goal: move,
          version: version ?? 0,
        });
      });
      if (drain) await world.drain.run();
    };
    await goal('pause', true);
    expect(await world.statuses(given)).toEqual(['PAUSED', 'PAUSED']);
    await goal('resume', false);
    await goal('pause', true);
    expect(await world.statuses(given)).toEqual(['PAUSED', 'PAUSED']);
    // An event of the older goal comes late: its version is too low to replace the newer one.
    await world.run(given.tenantId, (tx) =>
      world.workItems.put(tx, { disbursementId: given.disbursementId, goal: 'resume', version: 2 }),
    );
    await world.drain.run();
    expect(await world.statuses(given)).toEqual(['PAUSED', 'PAUSED']);
    await goal('resume', true);
    expect(await world.statuses(given)).toEqual(['READY', 'READY']);
    await world.assertCountersTrue(given);
  });

  it('are told of again after a pause, for those who have no wallet yet: an invitation that met the pause rests until then', async () => {
    const given = await world.givenStarted([person(false), person(true), person(false)]);
    await world.drain.run();
    for (const move of ['pause', 'resume'] as const) {
      await world.run(given.tenantId, async (tx) => {
        const { disbursementId } = given;
        const version = (await world.disbursements.moveToGoal(tx, move, disbursementId)) ?? 0;
        await world.workItems.put(tx, { disbursementId, goal: move, version });
      });
      await world.drain.run();
    }
    const told = (await world.published(receiverWalletNewInvitationV1, given.tenantId)).map(({ data }) =>
      [...data.receiver_wallet_ids].sort(),
    );
    const unregistered = given.payments.filter((_, index) => index !== 1);
    const ids = unregistered.map(({ receiverWalletId }) => receiverWalletId).sort();
    expect(told).toEqual([ids, ids]);
  });

  it('come back from submission when the disbursement is paused, and go under the next dispatch when it is resumed', async () => {
    const given = await world.givenStarted(Array.from({ length: 300 }, () => person(true)));
    await world.drain.run();
    await untilDispatched(given.tenantId, 300);
    const goal = (move: 'pause' | 'resume'): Promise<void> =>
      world.run(given.tenantId, async (tx) => {
        const { disbursementId } = given;
        const version = (await world.disbursements.moveToGoal(tx, move, disbursementId)) ?? 0;
        if (move === 'pause')
          await world.holds.hold(tx, { type: 'disbursement', id: disbursementId }, 'paused');
        else await world.holds.release(tx, { type: 'disbursement', id: disbursementId }, 'paused');
        await world.workItems.put(tx, { disbursementId, goal: move, version });
      });
    await goal('pause');
    await world.drain.run();
    expect(new Set(await world.statuses(given))).toEqual(new Set(['PAUSED']));
    expect(
      await world.rows(
        `SELECT status, count(*)::int AS n FROM submissions.submissions WHERE tenant_id = $1 GROUP BY 1`,
        [given.tenantId],
      ),
    ).toEqual([{ status: 'WITHDRAWN', n: 300 }]);
    await world.assertCountersTrue(given);
    await goal('resume');
    await world.drain.run();
    await untilDispatched(given.tenantId, 300);
    const events = await world.published(paymentReadyToPayV1, given.tenantId);
    const dispatches = events.flatMap((event) => event.data.payments.map((payment) => payment.dispatch));
    expect([1, 2].map((number) => dispatches.filter((one) => one === number).length)).toEqual([300, 300]);
    await world.assertCountersTrue(given);
  });

  it('are cancelled although the disbursement was paused, when somebody wanted that while they were handed over', async () => {
    const given = await world.givenStarted([person(true), person(true)]);
    await world.drain.run();
    await untilDispatched(given.tenantId, 2);
    const [wanted] = given.payments;
    await world.superuser.query(
      `UPDATE disbursements.payments SET cancel_requested_at = now() WHERE id = $1`,
      [wanted?.id],
    );
    await world.run(given.tenantId, async (tx) => {
      const { disbursementId } = given;
      const version = (await world.disbursements.moveToGoal(tx, 'pause', disbursementId)) ?? 0;
      await world.workItems.put(tx, { disbursementId, goal: 'pause', version });
    });
    await world.drain.run();
    await new CancelRequestedJob(world.unit, world.payments, world.cancellations, silentLogger).run();
    expect((await world.statuses(given)).sort()).toEqual(['CANCELED', 'PAUSED']);
    await world.assertCountersTrue(given);
  });

  it('are not dispatched twice by two dispatchers at once', async () => {
    const given = await world.givenStarted(Array.from({ length: 40 }, () => person(true)));
    const ids = given.payments.map((payment) => payment.id);
    await world.superuser.query(`UPDATE disbursements.payments SET status = 'READY' WHERE tenant_id = $1`, [
      given.tenantId,
    ]);
    await world.superuser.query(
      `UPDATE disbursements.disbursements SET count_ready = count_draft, amount_ready = amount_draft, count_draft = 0, amount_draft = 0 WHERE id = $1`,
      [given.disbursementId],
    );
    const counts = await Promise.all(
      [1, 2, 3, 4].map(() => world.run(given.tenantId, (tx) => world.dispatcher.dispatch(tx, ids))),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(40);
    const events = await world.published(paymentReadyToPayV1, given.tenantId);
    expect(events.flatMap((event) => event.data.payments)).toHaveLength(40);
    await world.assertCountersTrue(given);
  });
});
