import { OwnServer } from '@libs/testing';

import { type Process, turn } from '../testing/engine-world';
import { type FakeScene, openFakeScene, payeesOn, receivedBy, runUntilDone } from '../testing/run-engine';

/** Real servers: backups are copies of stopped ones, standbys follow by streaming. */
describe('a database in the place of the one that paid', () => {
  let first: OwnServer;
  let scene: FakeScene;
  const others: OwnServer[] = [];

  beforeEach(async () => {
    first = await OwnServer.start();
    scene = await openFakeScene({ channels: 2, database: first.database });
  });
  afterEach(async () => {
    await scene.world.close().catch(() => undefined);
    for (const one of [first, ...others.splice(0)]) await one.stop();
  });

  /** Sessions end with their server; the first statement after it may still find that out. */
  async function ledgers(process: Process, count: number): Promise<void> {
    for (let closed = 0; closed < count; closed += 1) {
      await turn(process).catch(() => undefined);
      scene.fake.closeLedger(30);
    }
  }
  /** The same address from now on leads to another server. */
  async function inItsPlace(server: OwnServer): Promise<void> {
    others.push(server);
    await server.start(first.listensOn);
  }

  it('pays nobody twice when it was restored from a backup, and goes on where nothing was forgotten', async () => {
    const { world, fake } = scene;
    const paid = payeesOn(fake, 3);
    await world.dispatch(paid);
    await first.stop();
    const before = first.copy('restored');
    await first.start();
    await runUntilDone(scene);
    expect(receivedBy(fake, paid)).toEqual(paid.map(({ amount }) => amount));
    await first.stop();
    const after = first.copy('restored');

    await inItsPlace(before);
    await before.endsRecovery();
    const process = world.process();
    await ledgers(process, 12);
    expect(await world.statuses()).toEqual({ QUEUED: 3 });
    expect(process.engine.problems()).toEqual([expect.stringContaining('a person must look')]);
    expect(receivedBy(fake, paid)).toEqual(paid.map(({ amount }) => amount));

    // A backup from after the last payment agrees with the ledger by itself, after a while.
    await before.stop();
    await inItsPlace(after);
    await after.endsRecovery();
    const later = payeesOn(fake, 2);
    const next = world.process();
    await turn(next).catch(() => undefined);
    await world.dispatch(later);
    await ledgers(next, 2);
    expect(receivedBy(fake, later)).toEqual([0n, 0n]);
    await ledgers(next, 8);
    expect(next.engine.problems()).toEqual([]);
    expect(receivedBy(fake, later)).toEqual(later.map(({ amount }) => amount));
  });

  it('pays nobody twice when it is a promoted standby that lost the last commits, also in the process that wrote them', async () => {
    const { world, fake } = scene;
    await first.stop();
    const standby = first.copy({ standbyOf: first });
    others.push(standby);
    await first.start();
    await standby.start();
    const process = world.process();
    await turn(process);
    const paid = payeesOn(fake, 3);
    await world.dispatch(paid);
    await standby.hasCaughtUpWith(first);
    // From here on nothing arrives there.
    await standby.stop();
    await runUntilDone(scene, { next: () => process });
    expect(receivedBy(fake, paid)).toEqual(paid.map(({ amount }) => amount));
    await first.stop();
    await inItsPlace(standby);
    await standby.query('SELECT pg_promote()');
    await ledgers(process, 12);
    expect(await world.statuses()).toEqual({ QUEUED: 3 });
    expect(process.engine.problems()).toEqual([expect.stringContaining('a person must look')]);
    expect(receivedBy(fake, paid)).toEqual(paid.map(({ amount }) => amount));
  });

  it('goes on by itself when it is a promoted standby that has every commit', async () => {
    const { world, fake } = scene;
    await first.stop();
    const standby = first.copy({ standbyOf: first });
    others.push(standby);
    await first.start();
    await standby.start();
    await world.dispatch(payeesOn(fake, 2));
    const process = await runUntilDone(scene);
    await standby.hasCaughtUpWith(first);
    await first.stop();
    await standby.stop();
    await inItsPlace(standby);
    await standby.query('SELECT pg_promote()');
    await turn(process).catch(() => undefined);
    const later = payeesOn(fake, 2);
    await world.dispatch(later);
    await ledgers(process, 10);
    expect(process.engine.problems()).toEqual([]);
    expect(receivedBy(fake, later)).toEqual(later.map(({ amount }) => amount));
  });
});
