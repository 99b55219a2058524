import { newId } from '@libs/kernel';
import { Database, UnitOfWork } from '@libs/persistence';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { Client } from 'pg';

import { ChannelAccountRepository, type OwnedChannel } from './channel-account.repository';
import { ChannelPopulationRepository } from './channel-population.repository';
import { InstanceRepository } from './instance.repository';
import { InstanceSession } from './instance-session.repository';

const ADDRESS = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
const TENANT = newId();

describe('a channel account', () => {
  const channels = new ChannelAccountRepository();
  const population = new ChannelPopulationRepository();
  const instances = new InstanceRepository();
  let test: TestDatabase;
  let database: Database;
  let uow: UnitOfWork;

  beforeEach(async () => {
    test = await testDatabase();
    database = new Database({ url: test.url('transactionSubmission'), applicationName: 'channel test' });
    uow = new UnitOfWork(database);
    await uow.runSystem('test', async (tx) => {
      await population.insert(tx, [ADDRESS], 'test');
      await channels.markOnLedger(tx, new Map([[ADDRESS, 41n]]));
    });
  });
  afterEach(async () => {
    await database.close();
    await test.drop();
  });

  const context = { tenantId: TENANT, actor: 'test', trace: '' };
  /** Returns the names of the sessions that are to be ended. */
  const takeOver = (instance: string): Promise<readonly string[]> =>
    uow.runSystem('test', async (tx) => {
      const { ids: lost, living, sessionsNames } = await instances.findLost(tx, instance);
      await channels.takeOver(tx, instance, { lost, living, actor: 'test' });
      return sessionsNames;
    });
  const owned = async (instance: string): Promise<OwnedChannel | undefined> =>
    (await uow.runSystem('test', (tx) => channels.owned(tx, instance)))[0];
  const occupy = (instance: string, epoch: bigint, attemptId: string): Promise<ReadonlySet<string>> =>
    uow.run(context, (tx) => channels.occupy(tx, instance, [{ address: ADDRESS, epoch, attemptId }]));
  const begin = (id: string, sessionsName = id): Promise<void> =>
    uow.runSystem('test', (tx) => instances.register(tx, { id, sessionsName, expirySeconds: 15 }));
  /** An instance whose process lives, as its session shows. */
  const living = async (id: string, sessionsName = id): Promise<InstanceSession> => {
    const session = new InstanceSession({
      url: test.url('transactionSubmission'),
      sessionsName,
      instanceId: id,
    });
    await session.start();
    await begin(id, sessionsName);
    return session;
  };
  const addChannels = async (count: number): Promise<void> => {
    const addresses = Array.from(
      { length: count },
      (_, index) => ADDRESS.slice(0, 54) + 'ABCDEFGHIJKLMNOP'.slice(index, index + 2),
    );
    await uow.runSystem('test', async (tx) => {
      await population.insert(tx, addresses, 'test');
      await channels.markOnLedger(tx, new Map(addresses.map((address) => [address, 1n])));
    });
  };
  const countOwned = async (instance: string): Promise<number> =>
    (await uow.runSystem('test', (tx) => channels.owned(tx, instance))).length;

  it('serves one attempt at a time', async () => {
    const [me, first, second] = [newId(), newId(), newId()];
    await takeOver(me);
    expect(await owned(me)).toEqual({
      address: ADDRESS,
      epoch: 1n,
      sequence: 41n,
      liveTenant: null,
      liveAttempt: null,
    });
    expect(await occupy(me, 1n, first)).toEqual(new Set([first]));
    expect(await occupy(me, 1n, second)).toEqual(new Set());
    await uow.run(context, (tx) => channels.vacate(tx, [{ attemptId: first, used: 42n }]));
    expect(await owned(me)).toMatchObject({ sequence: 42n, liveAttempt: null });
    expect(await occupy(me, 1n, second)).toEqual(new Set([second]));
  });

  it('obeys nobody but the owner of its present epoch', async () => {
    const [old, young, attempt] = [newId(), newId(), newId()];
    await takeOver(old);
    await occupy(old, 1n, attempt);
    await takeOver(young);
    expect(await owned(old)).toBeUndefined();
    expect(await owned(young)).toMatchObject({ epoch: 2n, liveAttempt: attempt });
    const lock = (instance: string, epoch: bigint): Promise<ReadonlySet<string>> =>
      uow.run(context, (tx) =>
        channels.lockOwned(tx, instance, [{ address: ADDRESS, epoch, attemptId: attempt }]),
      );
    expect(await lock(old, 1n)).toEqual(new Set());
    expect(await lock(old, 2n)).toEqual(new Set());
    expect(await lock(young, 1n)).toEqual(new Set());
    expect(await lock(young, 2n)).toEqual(new Set([attempt]));
  });

  it('stays with an owner that lives, and is taken the moment its process is gone', async () => {
    const [mine, other] = [newId(), newId()];
    const session = await living(mine);
    await takeOver(mine);
    expect(await takeOver(other)).toEqual([]);
    expect(await owned(mine)).toMatchObject({ epoch: 1n });
    await session.stop();
    while ((await owned(other)) === undefined) await takeOver(other);
    expect(await owned(other)).toMatchObject({ epoch: 2n });
    // Its connection may only have broken: it may come back and take what is free.
    expect(await uow.runSystem('test', (tx) => instances.beat(tx, mine))).toBe(true);
  });

  it('is taken from an owner that is silent, which is ended for good together with its sessions', async () => {
    const [silent, other] = [newId(), newId()];
    const sessionsName = `silent ${silent}`;
    const session = await living(silent, sessionsName);
    await takeOver(silent);
    await uow.runSystem('test', (tx) =>
      tx.execute(`UPDATE submissions.instances SET heartbeat_at = now() - interval '16 seconds'`),
    );
    const superuser = new Client({ connectionString: test.superuserUrl });
    await superuser.connect();
    const { rows } = await superuser.query<{ young: boolean }>(
      `SELECT pg_postmaster_start_time() > now() - interval '15 seconds' AS young`,
    );
    await superuser.end();
    // While the database itself is young, nobody can have been silent for long.
    if (rows[0]?.young === true) await new Promise((resolve) => setTimeout(resolve, 15_000));
    expect(await takeOver(other)).toEqual([sessionsName]);
    expect(await owned(other)).toMatchObject({ epoch: 2n });
    expect(await uow.runSystem('test', (tx) => instances.endSessions(tx, sessionsName))).toBe(1);
    expect(await uow.runSystem('test', (tx) => instances.beat(tx, silent))).toBe(false);
    expect(await uow.runSystem('test', (tx) => instances.isLiving(tx, silent))).toBe(false);
    await session.stop();
  }, 40_000);

  it('is shared evenly: who has more than its share gives idle ones back, never one that carries an attempt', async () => {
    await addChannels(5);
    const [first, second, attempt] = [newId(), newId(), newId()];
    const sessions = [await living(first)];
    await takeOver(first);
    expect(await countOwned(first)).toBe(6);
    const [busy, ...idle] = await uow.runSystem('test', (tx) => channels.owned(tx, first));
    if (busy === undefined) throw new Error('six are owned');
    await uow.run(context, (tx) =>
      channels.occupy(tx, first, [{ address: busy.address, epoch: busy.epoch, attemptId: attempt }]),
    );
    sessions.push(await living(second));
    await takeOver(second);
    expect(await countOwned(second)).toBe(0);
    const { surplus } = await uow.runSystem('test', async (tx) => {
      const lost = await instances.findLost(tx, first);
      return await channels.takeOver(tx, first, { lost: lost.ids, living: lost.living, actor: 'test' });
    });
    expect(surplus).toBe(3);
    const some = [busy.address, ...idle.slice(0, 3).map(({ address }) => address)];
    const given = await uow.runSystem('test', (tx) => channels.giveBack(tx, first, some, 'test'));
    expect(given).toEqual(new Set(some.slice(1)));
    await takeOver(second);
    expect([await countOwned(first), await countOwned(second)]).toEqual([3, 3]);
    for (const session of sessions) await session.stop();
  });

  it('serves no new attempt once it drains, and is watched by its owner, or who comes after, to its end', async () => {
    const [me, next, attempt] = [newId(), newId(), newId()];
    await takeOver(me);
    await occupy(me, 1n, attempt);
    expect(await uow.runSystem('test', (tx) => population.drain(tx, 5, 'test'))).toEqual([ADDRESS]);
    expect(await owned(me)).toMatchObject({ liveAttempt: attempt });
    await takeOver(next);
    expect(await owned(next)).toMatchObject({ liveAttempt: attempt, epoch: 2n });
    const retire = (): Promise<number> =>
      uow.runSystem('test', (tx) => population.retire(tx, [ADDRESS], 'test'));
    expect(await retire()).toBe(0);
    await uow.run(context, (tx) => channels.vacate(tx, [{ attemptId: attempt, used: 42n }]));
    expect(await owned(next)).toBeUndefined();
    expect(await occupy(next, 2n, newId())).toEqual(new Set());
    expect(await retire()).toBe(1);
    // Its address is never used again.
    await takeOver(next);
    expect(await owned(next)).toBeUndefined();
    await expect(
      uow.runSystem('test', (tx) => population.insert(tx, [ADDRESS], 'test')),
    ).rejects.toMatchObject({ code: '23505' });
  });

  it('is given back with what it carries, for the next owner to watch', async () => {
    const [me, next, attempt] = [newId(), newId(), newId()];
    await takeOver(me);
    await occupy(me, 1n, attempt);
    await uow.runSystem('test', (tx) => channels.releaseAll(tx, me, 'test'));
    await takeOver(next);
    expect(await owned(next)).toMatchObject({ epoch: 2n, liveAttempt: attempt });
  });
});
