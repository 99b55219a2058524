import { newId } from '@libs/kernel';
import { UnitOfWork } from '@libs/persistence';
import { Holds, type HoldSubject, type WithdrawResult } from '@libs/submissions';

import { asTenant } from './engine-context';
import { type Payee, payee, turn } from './testing/engine-world';
import { type FakeScene, openFakeScene, payeesOn, receivedBy, runUntilDone } from './testing/run-engine';

const holds = new Holds();

describe('a hold', () => {
  let scene: FakeScene;
  beforeEach(async () => {
    scene = await openFakeScene({ channels: 4 });
  });
  afterEach(async () => {
    await scene.world.close();
  });

  /** As staff do it: in a database transaction of dashboard-api, as its own role. */
  const asStaff = <T>(work: Parameters<UnitOfWork['run']>[1]): Promise<T> =>
    new UnitOfWork(scene.world.asDashboard).run(asTenant(scene.world.tenantId), work) as Promise<T>;

  it.each(['payment', 'disbursement', 'tenant'] as const)(
    'on a %s keeps it from being paid until it is lifted',
    async (type) => {
      const { world, fake } = scene;
      const disbursementId = newId();
      const payees = payeesOn(fake, 3);
      await world.dispatch(payees, { disbursementId });
      const ids = {
        payment: payees[0]?.paymentId ?? '',
        disbursement: disbursementId,
        tenant: world.tenantId,
      };
      const subject: HoldSubject = { type, id: ids[type] };
      expect(await asStaff((tx) => holds.hold(tx, subject, 'checked'))).toEqual([]);
      await asStaff((tx) => holds.hold(tx, subject, 'fraud'));
      await runUntilDone(scene, { turns: 3 });
      const held = type === 'payment' ? 1 : 3;
      expect((await world.statuses())['QUEUED']).toBe(held);
      expect(await asStaff((tx) => holds.release(tx, subject, 'fraud'))).toBe(true);
      await runUntilDone(scene, { turns: 3 });
      expect((await world.statuses())['QUEUED']).toBe(held);
      expect(await asStaff((tx) => holds.release(tx, subject, 'checked'))).toBe(true);
      await runUntilDone(scene);
      expect(await world.statuses()).toEqual({ SUCCESS: 3 });
    },
  );

  it('lists what was sent before it, and neither sends that again nor anything new', async () => {
    const { world, fake } = scene;
    const payees = payeesOn(fake, 2);
    fake.faults.set({ loseRequest: 1 });
    await world.dispatch(payees);
    const process = world.process();
    await turn(process);
    const subject: HoldSubject = { type: 'tenant', id: world.tenantId };
    const still = await asStaff<{ paymentId: string }[]>((tx) => holds.hold(tx, subject, 'stop'));
    expect(still.map((one) => one.paymentId).sort()).toEqual(payees.map((one) => one.paymentId).sort());
    const sent = fake.submitter.sent.length;
    fake.faults.set({});
    for (let ledgers = 0; ledgers < 4; ledgers += 1) {
      fake.closeLedger();
      await turn(process);
    }
    expect(fake.submitter.sent).toHaveLength(sent);
    // Their time passes, the proof comes, and they wait in the queue, held.
    fake.closeLedger(120);
    await turn(process);
    expect(await world.statuses()).toEqual({ QUEUED: 2 });
    expect(await asStaff((tx) => holds.mayStillBePaid(tx, subject))).toEqual([]);
  });

  it('withdraws what is queued, tells what was sent, and knows what was paid', async () => {
    const { world, fake } = scene;
    const [paid, sent] = [payeesOn(fake, 1), payeesOn(fake, 1)];
    const [queued] = payeesOn(fake, 1);
    await world.dispatch(paid);
    const process = await runUntilDone(scene);
    await world.dispatch(sent);
    await turn(process);
    await world.dispatch([queued ?? payee()]);
    const all = [...paid, ...sent, queued ?? payee()];
    const results = await asStaff<WithdrawResult[]>((tx) =>
      holds.withdraw(
        tx,
        all.map(({ paymentId }) => ({ paymentId, dispatch: 1 })),
      ),
    );
    const resultOf = (one: Payee | undefined): string | undefined =>
      results.find(({ paymentId }) => paymentId === one?.paymentId)?.result;
    expect([resultOf(paid[0]), resultOf(sent[0]), resultOf(queued)]).toEqual(['paid', 'live', 'withdrawn']);
    fake.closeLedger();
    await runUntilDone(scene, { next: () => process });
    expect(await world.statuses()).toEqual({ SUCCESS: 2, WITHDRAWN: 1 });
    expect(receivedBy(fake, all)).toEqual([10_000_000n, 10_000_000n, 0n]);
  });

  it('makes signing wait for a hold that is being laid, and then sign nothing', async () => {
    const { world, fake } = scene;
    await world.dispatch(payeesOn(fake, 3));
    const process = world.process();
    await process.watch.look();
    let turning: Promise<unknown> = Promise.resolve();
    await asStaff(async (tx) => {
      await holds.hold(tx, { type: 'tenant', id: world.tenantId }, 'stop');
      // The caller does more in its database transaction; the hold is not committed yet.
      const over = { is: false };
      turning = process.engine.turn().then(() => (over.is = true));
      while (!over.is && !(await someoneWaits())) await new Promise((resolve) => setImmediate(resolve));
    });
    await turning;
    expect(fake.submitter.sent).toEqual([]);
    expect(await world.statuses()).toEqual({ QUEUED: 3 });
  });

  const someoneWaits = async (): Promise<boolean> =>
    await scene.world.uow.runSystem('who waits for a lock', async (tx) => {
      const rows = await tx.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`);
      return rows.length > 0;
    });

  it('is certain the moment it returns: of payments held while they are signed, each is either listed or unsent', async () => {
    const { world, fake } = scene;
    for (let round = 0; round < 12; round += 1) {
      const payees = payeesOn(fake, 4);
      await world.dispatch(payees);
      const process = world.process();
      await process.watch.look();
      const before = fake.submitter.sent.length;
      // Signing and holding run at the same time; who comes first is chance.
      const turning = process.engine.turn();
      await new Promise((resolve) => setTimeout(resolve, round));
      const held = await asStaff<{ still: { paymentId: string }[]; sent: number }>(async (tx) => {
        const subject: HoldSubject = { type: 'tenant', id: world.tenantId };
        return { still: await holds.hold(tx, subject, 'race').then((still) => [...still]), sent: 0 };
      });
      await turning;
      await turn(process);
      const sentPayments = fake.submitter.sent.slice(before).map((payload) => payload);
      const wasSent = payees.filter(({ destination }) =>
        sentPayments.some((one) => one.includes(destination)),
      );
      expect(wasSent.map((one) => one.paymentId).sort()).toEqual(
        held.still.map((one) => one.paymentId).sort(),
      );
      await asStaff((tx) => holds.release(tx, { type: 'tenant', id: world.tenantId }, 'race'));
      fake.closeLedger();
      await runUntilDone(scene, { next: () => process });
      expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
    }
  });
});
