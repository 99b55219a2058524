import { newId, XLM } from '@libs/kernel';
import { newLedgerKey } from '@libs/ledger-stellar/submitter';
import { silentLogger } from '@libs/observability';
import { type OutflowCeiling, OutflowCeilings, SubmissionRepository } from '@libs/submissions';
import { Client } from 'pg';

import { asTenant } from '../engine-context';
import { OutflowGate } from '../signing/outflow-gate';
import { payee, type Payee, type Process, turn } from '../testing/engine-world';
import { type CommandOutcome, runCommand } from '../testing/run-command';
import { type FakeScene, openFakeScene, payeesOn, receivedBy, runUntilDone } from '../testing/run-engine';

const ONE = 10_000_000n;

describe('a ceiling on what a tenant pays per hour', () => {
  const ceilings = new OutflowCeilings();
  let scene: FakeScene;
  beforeEach(async () => {
    scene = await openFakeScene({ channels: 6 });
  });
  afterEach(async () => {
    await scene.world.close();
  });

  const allow = (perHour: bigint, tenantId = scene.world.tenantId): Promise<void> =>
    scene.world.uow.run(asTenant(tenantId), (tx) => ceilings.set(tx, XLM, perHour));
  async function ceiling(): Promise<OutflowCeiling | undefined> {
    const [first] = await scene.world.uow.run(asTenant(scene.world.tenantId), (tx) => ceilings.list(tx));
    return first;
  }
  async function ledgers(process: Process, count: number, seconds = 5): Promise<void> {
    for (let closed = 0; closed < count; closed += 1) {
      await turn(process);
      scene.fake.closeLedger(seconds);
    }
    await turn(process);
  }
  async function minutesPass(minutes: number): Promise<void> {
    const client = new Client({ connectionString: scene.world.testDb.superuserUrl });
    await client.connect();
    const passed = [`${String(minutes)} minutes`];
    await client.query(`UPDATE submissions.outflow_minutes SET minute = minute - $1::interval`, passed);
    await client.end();
  }
  /** And as long as a ledger may take what was signed at its beginning. */
  const anHourLater = (): Promise<void> => minutesPass(64);
  const payeeOf = (amount: bigint): Payee => {
    const one = payee(amount);
    scene.fake.fund(one.destination, 0n);
    return one;
  };
  const paid = (payees: readonly Payee[]): readonly boolean[] =>
    receivedBy(scene.fake, payees).map((received) => received !== undefined && received > 0n);

  it('lets through what fits, lets the rest wait without failing it, and pays it when an hour has passed', async () => {
    const { world, fake } = scene;
    await allow(3n * ONE);
    const payees = payeesOn(fake, 5);
    await world.dispatch(payees);
    await ledgers(world.process(), 4);
    expect(await world.statuses()).toEqual({ SUCCESS: 3, QUEUED: 2 });
    expect(await ceiling()).toMatchObject({
      perHour: 3n * ONE,
      used: 3n * ONE,
      reachedAt: expect.any(Date) as Date,
    });
    expect(await world.uow.runSystem('ceilings', (tx) => ceilings.count(tx))).toEqual({ all: 1, reached: 1 });
    await anHourLater();
    await runUntilDone(scene);
    expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
  });

  it('holds for any hour of the ledger, which may take what was signed for two more minutes', async () => {
    const { world, fake } = scene;
    await allow(2n * ONE);
    await world.dispatch(payeesOn(fake, 3));
    await ledgers(world.process(), 2);
    await minutesPass(61);
    // One that does not know that the ceiling was reached.
    await ledgers(world.process(), 2);
    expect(await world.statuses()).toEqual({ SUCCESS: 2, QUEUED: 1 });
    expect((await ceiling())?.used).toBe(2n * ONE);
  });

  it('is for one tenant and one asset', async () => {
    const { world, fake } = scene;
    const other = await world.addTenant('other');
    await allow(ONE);
    const [ours, theirs] = [payeesOn(fake, 2), payeesOn(fake, 2)];
    await world.dispatch(ours);
    await world.dispatch(theirs, { tenantId: other });
    const asset = { code: 'USDC', issuer: newLedgerKey().address };
    fake.fund(world.host.address, 100n * ONE, asset);
    const inDollars = payeesOn(fake, 2);
    for (const { destination } of inDollars) fake.fund(destination, 0n, asset);
    await world.dispatch(inDollars, { asset: { id: world.tenantId, ...asset } });
    await ledgers(world.process(), 4);
    expect(await world.statuses()).toEqual({ SUCCESS: 3, QUEUED: 1 });
    expect(await world.statuses(other)).toEqual({ SUCCESS: 2 });
  });

  it('keeps the order: what fits does not overtake what came before, but for what is larger than the ceiling', async () => {
    const { world } = scene;
    await allow(5n * ONE);
    const [huge, first, large, small] = [
      payeeOf(6n * ONE),
      payeeOf(3n * ONE),
      payeeOf(4n * ONE),
      payeeOf(ONE),
    ];
    for (const one of [huge, first, large, small]) await world.dispatch([one]);
    await ledgers(world.process(), 3);
    expect(paid([huge, first, large, small])).toEqual([false, true, false, false]);
    await anHourLater();
    await ledgers(world.process(), 3);
    expect(paid([huge, first, large, small])).toEqual([false, true, true, true]);
    await allow(20n * ONE);
    await ledgers(world.process(), 3);
    expect(paid([huge])).toEqual([true]);
  });

  it('holds for several instances together, also when each has claimed what fits for it alone', async () => {
    const { world, fake } = scene;
    await allow(4n * ONE);
    await world.dispatch(payeesOn(fake, 12));
    const asTheTenant = asTenant(world.tenantId);
    const submissions = new SubmissionRepository();
    const now = (): number => performance.now();
    const instances = [newId(), newId(), newId()].map((instanceId) => ({
      instanceId,
      gate: new OutflowGate({ logger: silentLogger }, { submissions, ceilings, now }),
    }));
    const claims = await Promise.all(
      instances.map(async ({ gate, instanceId }) => ({
        gate,
        claimed: await world.uow.run(asTheTenant, (tx) => gate.claim(tx, { instanceId, limit: 4 })),
      })),
    );
    expect(claims.map(({ claimed }) => claimed.length)).toEqual([4, 4, 4]);
    const admitted = await Promise.all(
      claims.map(({ gate, claimed }) =>
        world.uow.run(asTheTenant, async (tx) => {
          const each = claimed.map(({ id }) => ({ submissionIds: [id] }));
          const some = await gate.admit(tx, each, claimed);
          await gate.count(tx, some, claimed);
          return some.attempts.length;
        }),
      ),
    );
    expect(admitted.toSorted((one, other) => one - other)).toEqual([0, 0, 4]);
    expect((await ceiling())?.used).toBe(4n * ONE);
  });

  it('counts only what was paid or may still be: what ended unpaid is given back', async () => {
    const { world, fake } = scene;
    await allow(2n * ONE);
    fake.faults.set({ loseRequest: 1 });
    await world.dispatch(payeesOn(fake, 2));
    const process = world.process();
    await ledgers(process, 1);
    expect((await ceiling())?.used).toBe(2n * ONE);
    fake.faults.set({ loseRequest: 0 });
    // Their time passes before they are sent again.
    fake.closeLedger(200);
    await runUntilDone(scene, { next: () => process });
    expect(await world.attempts()).toEqual({ EXPIRED: 2, APPLIED: 2 });
    expect((await ceiling())?.used).toBe(2n * ONE);
  });

  it('counts what was paid before it was set, and is in force when setting it returns', async () => {
    const { world, fake } = scene;
    await world.dispatch(payeesOn(fake, 2));
    const process = await runUntilDone(scene);
    await allow(3n * ONE);
    expect((await ceiling())?.used).toBe(2n * ONE);
    await world.dispatch(payeesOn(fake, 2));
    await ledgers(process, 3);
    expect(await world.statuses()).toEqual({ SUCCESS: 3, QUEUED: 1 });
    expect(await world.uow.run(asTenant(world.tenantId), (tx) => ceilings.remove(tx, XLM))).toBe(true);
    await runUntilDone(scene);
    expect(await world.statuses()).toEqual({ SUCCESS: 4 });
  });

  it('is set by a command, too', async () => {
    const environment = { DATABASE_URL: scene.world.testDb.url('transactionSubmission') };
    const command = (...args: string[]): Promise<CommandOutcome> =>
      runCommand('outflow-ceilings', environment, args);
    expect((await command('list')).out).toBe('There is no ceiling.\n');
    const set = ['set', 'acme', '--asset', 'XLM', '--per-hour', '12.5'];
    const done = await command(...set, '--reason', 'new here', '--json');
    expect([done.code, JSON.parse(done.out)]).toMatchObject([
      0,
      {
        ceilings: [
          { tenant: 'acme', asset: 'XLM', per_hour: '12.5000000', used: '0.0000000', reached_at: null },
        ],
      },
    ]);
    expect(await ceiling()).toMatchObject({ perHour: 125_000_000n });
    const wrong = [
      [set, '--reason'],
      [['set', 'nobody', ...set.slice(2), '--reason', 'x'], 'no tenant nobody'],
      [['set', 'acme', '--asset', 'USDC', '--per-hour', '1', '--reason', 'x'], '--asset'],
      [['set', 'acme', '--asset', 'XLM', '--per-hour', '0', '--reason', 'x'], '--per-hour'],
      [['remove', 'acme', '--asset', `USDC:${newLedgerKey().address}`, '--reason', 'x'], 'has no ceiling'],
      [['set'], 'npm run outflow-ceilings'],
    ] as const;
    for (const [args, said] of wrong)
      expect(await command(...args)).toMatchObject({
        code: 1,
        err: expect.stringContaining(said) as unknown,
      });
    expect((await command('remove', 'acme', '--asset', 'XLM', '--reason', 'over')).out).toBe(
      'There is no ceiling.\n',
    );
  });
});
