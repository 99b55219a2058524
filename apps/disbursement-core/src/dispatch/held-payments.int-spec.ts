import type { HoldSubject } from '@libs/submissions';

import { CoreWorld, type Given } from '../testing/given-disbursement';

const PERSON = { amount: 10_000_000n, registered: true };

describe('a payment that is held', () => {
  let world: CoreWorld;
  beforeAll(async () => {
    world = await CoreWorld.open();
  });
  afterAll(() => world.close());

  const subjectsOf = (given: Given): HoldSubject[] => [
    { type: 'payment', id: given.payments[0]?.id ?? '' },
    { type: 'receiver_wallet', id: given.payments[0]?.receiverWalletId ?? '' },
    { type: 'disbursement', id: given.disbursementId },
    { type: 'tenant', id: given.tenantId },
  ];

  it('is not dispatched, whatever it is that is held, and is when the hold is lifted', async () => {
    for (const index of [0, 1, 2, 3]) {
      const given = await world.givenStarted([PERSON]);
      const [subject] = subjectsOf(given).slice(index);
      if (subject === undefined) throw new Error('there are four subjects');
      await world.run(given.tenantId, (tx) => world.holds.hold(tx, subject, 'a test'));
      await world.drain.run();
      await world.sweep();
      await world.queue.idle();
      expect([subject.type, await world.statuses(given)]).toEqual([subject.type, ['READY']]);
      await world.run(given.tenantId, (tx) => world.holds.release(tx, subject, 'a test'));
      await world.sweep();
      await world.until(given.tenantId, 'PENDING', 1);
      await world.assertCountersTrue(given);
    }
  });

  it('leaves the others of its disbursement alone', async () => {
    const given = await world.givenStarted([PERSON, PERSON]);
    const [first] = subjectsOf(given);
    if (first === undefined) throw new Error('there is a payment');
    await world.run(given.tenantId, (tx) => world.holds.hold(tx, first, 'a test'));
    await world.drain.run();
    await world.sweep();
    await world.until(given.tenantId, 'PENDING', 1);
    await world.queue.idle();
    expect(await world.statuses(given)).toEqual(['READY', 'PENDING']);
  });
});
