import { newId } from '@libs/kernel';
import { Database, UnitOfWork } from '@libs/persistence';
import { testDatabase, type TestDatabase } from '@libs/testing';

import { ChannelAccountRepository, type OwnedChannel } from './channel-account.repository';
import { InstanceSession } from './instance-session.repository';

const ADDRESS = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
const TENANT = newId();

describe('a channel account', () => {
  const channels = new ChannelAccountRepository();
  let test: TestDatabase;
  let database: Database;
  let uow: UnitOfWork;

  beforeEach(async () => {
    test = await testDatabase();
    database = new Database({ url: test.url('transactionSubmission'), applicationName: 'channel test' });
    uow = new UnitOfWork(database);
    await uow.runSystem('test', async (tx) => {
      await channels.insert(tx, [ADDRESS], 'test');
      await channels.markOnLedger(tx, new Map([[ADDRESS, 41n]]));
    });
  });
  afterEach(async () => {
    await database.close();
    await test.drop();
  });

  const context = { tenantId: TENANT, actor: 'test', trace: '' };
  const takeOver = (instance: string): Promise<readonly string[]> =>
    uow.runSystem('test', (tx) => channels.takeOver(tx, instance, 'test'));
  const owned = async (instance: string): Promise<OwnedChannel | undefined> =>
    (await uow.runSystem('test', (tx) => channels.owned(tx, instance)))[0];
  const occupy = (instance: string, epoch: bigint, attemptId: string): Promise<ReadonlySet<string>> =>
    uow.run(context, (tx) => channels.occupy(tx, instance, [{ address: ADDRESS, epoch, attemptId }]));
  const beat = (instance: string, name = instance): Promise<void> =>
    uow.runSystem('test', (tx) => channels.heartbeat(tx, instance, name));

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
    const session = new InstanceSession({
      url: test.url('transactionSubmission'),
      sessionsName: 'gone',
      instanceId: mine,
    });
    await session.start();
    await beat(mine, 'gone');
    await takeOver(mine);
    expect(await takeOver(other)).toEqual([]);
    expect(await owned(mine)).toMatchObject({ epoch: 1n });
    await session.stop();
    while ((await owned(other)) === undefined) await takeOver(other);
    expect(await owned(other)).toMatchObject({ epoch: 2n });
  });

  it('is taken from an owner that is silent, and the sessions of that owner are ended', async () => {
    const [silent, other] = [newId(), newId()];
    const sessionsName = `silent ${silent}`;
    const session = new InstanceSession({
      url: test.url('transactionSubmission'),
      sessionsName,
      instanceId: silent,
    });
    await session.start();
    await beat(silent, sessionsName);
    await takeOver(silent);
    await uow.runSystem('test', (tx) =>
      tx.execute(`UPDATE submissions.instances SET heartbeat_at = now() - interval '16 seconds'`),
    );
    expect(await takeOver(other)).toEqual([sessionsName]);
    expect(await owned(other)).toMatchObject({ epoch: 2n });
    expect(await uow.runSystem('test', (tx) => channels.endSessions(tx, sessionsName))).toBe(1);
    await session.stop();
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
