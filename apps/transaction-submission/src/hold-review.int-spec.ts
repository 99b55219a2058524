import { ownKeyOf, spendable } from '@libs/ledger';
import { newLedgerKey, SeedSigner, StellarSubmitter } from '@libs/ledger-stellar/submitter';
import { XLM } from '@libs/kernel';
import { silentLogger } from '@libs/observability';
import { Holds, type HoldSubject } from '@libs/submissions';
import { Client } from 'pg';

import { SetupService } from './accounts/setup.service';
import { asTenant } from './engine-context';
import { type EngineWorld, type Process, turn } from './testing/engine-world';
import { openFakeScene, payeesOn, runUntilDone } from './testing/run-engine';
import { SandboxScene } from './testing/sandbox-scene';

const ONCE = { amount: 10_000_000n, payments: 1 };
const DAY = 86_400;

const subjectOf = ({ tenantId }: EngineWorld): HoldSubject => ({ type: 'tenant', id: tenantId });
const reasonsIn = (world: EngineWorld): Promise<readonly string[]> =>
  world.uow.run(asTenant(world.tenantId), (tx) => new Holds().reasons(tx, subjectOf(world)));

async function asSuperuser(world: EngineWorld, statement: string, values: unknown[] = []): Promise<void> {
  const client = new Client({ connectionString: world.testDb.superuserUrl });
  await client.connect();
  await client.query(statement, values);
  await client.end();
}

/** The reasons that are left when the holds have lain for so long. */
async function reviewed(world: EngineWorld, process: Process, seconds: number): Promise<readonly string[]> {
  await asSuperuser(world, 'UPDATE submissions.holds SET created_at = now() - make_interval(secs => $1)', [
    seconds,
  ]);
  await process.watch.look();
  await process.review.run();
  return await reasonsIn(world);
}

describe('a tenant that is held for a cause of ours', () => {
  let scene: SandboxScene;
  const thief = newLedgerKey();
  const purse = newLedgerKey();
  beforeEach(async () => {
    scene = await SandboxScene.open(3);
    // Later than the first ledger: from here on a ledger closes as long after the last one as the test says.
    await scene.control('clock', { stopAt: '2100-01-01T00:00:00Z' });
  });
  afterEach(async () => {
    await scene.close();
  });

  /** With all keys that there are, past our books. */
  async function change(operation: Parameters<SetupService['run']>[0]['operations'][number]): Promise<void> {
    const { world, sandbox, reader } = scene;
    const { host } = world;
    const submitter = new StellarSubmitter({
      horizonUrls: [sandbox.url],
      networkPassphrase: sandbox.passphrase,
      signer: new SeedSigner([host, thief, purse]),
    });
    const [helper] = await scene.payees(1);
    if (helper === undefined) throw new Error('there is no helper');
    const account = await reader.account(host.address);
    const isStolen = account?.signers.some(({ key, weight }) => key === thief.address && weight > 0);
    const key = isStolen === true ? thief.address : host.address;
    const setup = new SetupService({
      instanceId: 'test',
      sessionsName: 'test',
      uow: world.uow,
      reader,
      submitter,
      logger: silentLogger,
      settings: { ...SETTINGS },
    });
    const payer = operation.kind === 'merge-account' ? operation.account : { account: host.address, key };
    const done = setup.run({ source: payer, feePayer: payer, operations: [operation] });
    await scene.closingUntil(done);
    expect((await done).kind).toBe('done');
    submitter.close();
  }

  const SETTINGS = {
    channelAccounts: 3,
    paymentsPerEnvelope: 1,
    maxBaseFee: 100_000n,
    lifetimeSeconds: 60,
    lookUpsPerSecond: 0,
    takeOverEveryMs: 0,
    expirySeconds: 15,
  };
  /** Takes what the host account can spend, but for so much; its own fee included. */
  async function leave(stroops: bigint): Promise<void> {
    const { host } = scene.world;
    const account = await scene.reader.account(host.address);
    const { baseReserve } = await scene.reader.latestLedger();
    if (account === null) throw new Error('there is no host account');
    const startingBalance = spendable(account, XLM, baseReserve) - stroops - 200n;
    const funder = ownKeyOf(host.address);
    await change({ kind: 'create-account', account: purse.address, funder, startingBalance });
  }
  const giveBack = (): Promise<void> =>
    change({ kind: 'merge-account', account: ownKeyOf(purse.address), into: scene.world.host.address });

  const CAUSES: readonly [string, string, () => Promise<void>, () => Promise<void>][] = [
    ['too little of the asset', 'op_underfunded', () => leave(5_000_000n), giveBack],
    ['too little for a fee', 'tx_insufficient_balance', () => leave(50n), giveBack],
    [
      'a key that may not sign',
      'tx_bad_auth',
      () =>
        change({
          kind: 'replace-key',
          account: ownKeyOf(scene.world.host.address),
          newKey: thief.address,
        }),
      () =>
        change({
          kind: 'replace-key',
          account: { account: scene.world.host.address, key: thief.address },
          newKey: scene.world.host.address,
        }),
    ],
  ];

  it.each(CAUSES)(
    '(%s) is tried again when the ledger shows that it is mended, and not before',
    async (...one) => {
      const [, code, breaks, mends] = one;
      const { world } = scene;
      const payees = await scene.payees(2);
      const process = world.process();
      await turn(process);
      await breaks();
      await world.dispatch(payees);
      await scene.runUntilDone({ next: () => process, turns: 40 });
      expect([await world.statuses(), await reasonsIn(world)]).toEqual([{ QUEUED: 2 }, [`ledger:${code}`]]);
      const attempts = await world.attempts();
      for (let day = 0; day < 3; day += 1) {
        expect(await reviewed(world, process, DAY)).toEqual([`ledger:${code}`]);
        await scene.closeLedger();
        await turn(process);
      }
      expect([await world.attempts(), await world.statuses()]).toEqual([attempts, { QUEUED: 2 }]);

      await mends();
      expect(await reviewed(world, process, 59)).toEqual([`ledger:${code}`]);
      expect(await reviewed(world, process, 61)).toEqual([]);
      await scene.runUntilDone({ next: () => process, turns: 20 });
      expect(await scene.received(payees)).toEqual([ONCE, ONCE]);
    },
  );
});

describe('a hold of ours whose cause the ledger does not show', () => {
  it('is lifted after twice as long each time, up to an hour, until something was paid', async () => {
    const scene = await openFakeScene({ channels: 2 });
    const { world, fake } = scene;
    const process = world.process();
    await process.watch.look();
    const reason = 'ledger:tx_bad_auth_extra';
    const lay = (why: string): Promise<unknown> =>
      world.uow.run(asTenant(world.tenantId), (tx) => new Holds().hold(tx, subjectOf(world), why));
    await lay('deactivated');
    for (const seconds of [600, 1_200, 2_400, 3_600, 3_600]) {
      await lay(reason);
      expect([...(await reviewed(world, process, seconds - 1))].sort()).toEqual(['deactivated', reason]);
      expect(await reviewed(world, process, seconds + 1)).toEqual(['deactivated']);
    }
    await world.uow.run(asTenant(world.tenantId), (tx) =>
      new Holds().release(tx, subjectOf(world), 'deactivated'),
    );
    await world.dispatch(payeesOn(fake, 1));
    await runUntilDone(scene, { next: () => process });
    await lay(reason);
    expect(await reviewed(world, process, 601)).toEqual([]);
    await world.close();
  });

  it('has its turn however many others are held, and are not due yet or not mended', async () => {
    const scene = await openFakeScene({ channels: 1 });
    const { world } = scene;
    const process = world.process();
    const reason = 'ledger:tx_bad_auth_extra';
    // Their identifiers come first. Some of them are due each time; what pays for them is not known, so nothing can be seen.
    await asSuperuser(
      world,
      `INSERT INTO submissions.holds (tenant_id, subject_type, subject_id, reason, actor)
       SELECT id, 'tenant', id, CASE WHEN n <= 150 OR n % 20 = 0 THEN 'ledger:op_underfunded' ELSE $1 END, 'test'
         FROM generate_series(1, $2) n,
              LATERAL (SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid AS id) one`,
      [reason, 1_400],
    );
    await asSuperuser(
      world,
      `INSERT INTO submissions.hold_trials (tenant_id, reason, trials)
       SELECT tenant_id, reason, 10 FROM submissions.holds WHERE reason = $1`,
      [reason],
    );
    await world.uow.run(asTenant(world.tenantId), (tx) => new Holds().hold(tx, subjectOf(world), reason));
    let reviews = 0;
    while ((await reviewed(world, process, 601)).length > 0 && reviews < 10) reviews += 1;
    // A hundred that are due; then a thousand holds, of which fewer are; then the rest.
    expect(reviews).toBe(2);
    await world.close();
  });
});
