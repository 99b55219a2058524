import { XLM } from '@libs/kernel';
import { ownKeyOf } from '@libs/ledger';

import type { Process } from '../testing/engine-world';
import { type FakeScene, openFakeScene, payeesOn, receivedBy, runUntilDone } from '../testing/run-engine';

const CHANNELS = 4;

describe('the sequence numbers of channel accounts', () => {
  let scene: FakeScene;
  /** The channel accounts that were read from the ledger, in order. */
  let read: string[];
  /** What the ledger's answer about a channel account waits for. */
  let beforeAnswer: () => Promise<void>;
  beforeEach(async () => {
    scene = await openFakeScene({ channels: CHANNELS });
    read = [];
    beforeAnswer = (): Promise<void> => Promise.resolve();
    const { reader } = scene.fake;
    const account = reader.account.bind(reader);
    jest.spyOn(reader, 'account').mockImplementation(async (address, options) => {
      if (!scene.channels.includes(address)) return await account(address, options);
      read.push(address);
      await beforeAnswer();
      return await account(address, options);
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

  /** A turn of a process that has read which channel accounts are its own; what the ledger tells of them is from after `meanwhile`. */
  async function turnAround(process: Process, meanwhile: () => Promise<void>): Promise<void> {
    const [asked, answered] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    beforeAnswer = async (): Promise<void> => {
      asked.resolve(undefined);
      await answered.promise;
    };
    await process.watch.look();
    const turn = process.engine.turn();
    await asked.promise;
    beforeAnswer = (): Promise<void> => Promise.resolve();
    await meanwhile();
    answered.resolve(undefined);
    await turn;
  }

  async function doubt(): Promise<string | null> {
    const [row] = await scene.world.uow.runSystem('whether the database is doubted', (tx) =>
      tx.query<{ doubt: string | null }>('SELECT doubt FROM submissions.database_identity'),
    );
    return row?.doubt ?? null;
  }

  it('are read again, and nothing is doubted, where others took the accounts and used them meanwhile', async () => {
    const { world, fake } = scene;
    const [slow, other] = [world.process(), world.process()];
    const [first, second] = [payeesOn(fake, CHANNELS), payeesOn(fake, CHANNELS)];
    await turnAround(slow, async () => {
      // As after a death of PostgreSQL: whoever comes back sees nobody else, and takes everything.
      await world.dispatch(first);
      await runUntilDone(scene, { next: () => other });
    });
    expect([await world.attempts(), await doubt()]).toEqual([{ APPLIED: CHANNELS }, null]);
    read = [];
    await world.dispatch(second);
    await runUntilDone(scene, { next: () => slow, turns: 20 });
    const payees = [...first, ...second];
    expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
    expect([...read].sort()).toEqual([...scene.channels].sort());
    expect(await doubt()).toBeNull();
  });

  it('are doubted where the ledger has used more of them and nobody else had the accounts', async () => {
    const { world, fake } = scene;
    const process = world.process();
    const [channel = ''] = scene.channels;
    await turnAround(process, async () => {
      // Somebody else has the keys, or these tables are older than they seem.
      const [prepared] = await fake.submitter.prepare([
        {
          channel,
          sequence: (fake.account(channel)?.sequence ?? 0n) + 1n,
          distribution: ownKeyOf(world.host.address),
          payments: [{ destination: world.host.address, asset: XLM, amount: 1n }],
          memo: null,
          maxTime: new Date(fake.latest().closedAt.getTime() + 60_000),
          feeRate: 100n,
        },
      ]);
      await fake.submitter.submit(prepared?.payload ?? '');
      fake.closeLedger();
    });
    expect(await doubt()).toContain(channel);
    await world.dispatch(payeesOn(fake, 1));
    await runUntilDone(scene, { next: () => process, turns: 3 });
    expect(await world.statuses()).toEqual({ QUEUED: 1 });
  });
});
