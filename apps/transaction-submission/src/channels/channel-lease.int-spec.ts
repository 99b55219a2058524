import { type FakeScene, openFakeScene, payeesOn, receivedBy, runUntilDone } from '../testing/run-engine';

const CHANNELS = 4;

describe('the sequence numbers of channel accounts', () => {
  let scene: FakeScene;
  /** The channel accounts that were read from the ledger, in order. */
  let read: string[];
  beforeEach(async () => {
    scene = await openFakeScene({ channels: CHANNELS });
    read = [];
    const { reader } = scene.fake;
    const account = reader.account.bind(reader);
    jest.spyOn(reader, 'account').mockImplementation((address, options) => {
      if (scene.channels.includes(address)) read.push(address);
      return account(address, options);
    });
  });
  afterEach(async () => {
    await scene.world.close();
  });

  it('are read once and counted here from then on, until a restart', async () => {
    const { world, fake } = scene;
    const process = world.process();
    for (let rounds = 0; rounds < 3; rounds += 1) {
      await world.dispatch(payeesOn(fake, 3 * CHANNELS));
      await runUntilDone(scene, { next: () => process });
    }
    expect(await world.attempts()).toEqual({ APPLIED: 9 * CHANNELS });
    expect([...read].sort()).toEqual([...scene.channels].sort());
    await process.leases.stop();
    await world.dispatch(payeesOn(fake, CHANNELS));
    const restarted = world.process();
    await runUntilDone(scene, { next: () => restarted });
    expect(read).toHaveLength(2 * CHANNELS);
  });

  it('are read again where an attempt ended in a way that surprises, and only there', async () => {
    const { world, fake } = scene;
    const process = world.process();
    await world.dispatch(payeesOn(fake, CHANNELS));
    await runUntilDone(scene, { next: () => process });
    read = [];
    // Its request is lost each time until its time is over.
    const payees = payeesOn(fake, 1);
    fake.faults.set({ loseRequest: 1 });
    await world.dispatch(payees);
    await runUntilDone(scene, { next: () => process, turns: 4 });
    expect([await world.statuses(), read]).toEqual([{ SUCCESS: CHANNELS, UNKNOWN: 1 }, []]);
    fake.closeLedger(120);
    fake.faults.set({});
    await runUntilDone(scene, { next: () => process });
    expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
    expect(read).toHaveLength(1);
  });
});
