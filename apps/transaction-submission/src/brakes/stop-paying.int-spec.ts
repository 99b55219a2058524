import { newId } from '@libs/kernel';
import { Holds, lockForSigning, PayingBrake } from '@libs/submissions';

import { asTenant } from '../engine-context';
import { turn } from '../testing/engine-world';
import { type CommandOutcome, runCommand } from '../testing/run-command';
import { type FakeScene, openFakeScene, payeesOn, receivedBy, runUntilDone } from '../testing/run-engine';

const ACTOR = 'operator:test';
/** A holder waits for the signers of one moment only; on a busy machine that may take a while. */
const BOUND_MS = 10_000;

describe('the emergency stop', () => {
  let scene: FakeScene;
  beforeEach(async () => {
    scene = await openFakeScene({ channels: 8 });
  });
  afterEach(async () => {
    await scene.world.close();
  });

  const brakeOf = ({ world }: FakeScene): PayingBrake => new PayingBrake(world.uow);

  it('keeps every payment of every tenant in the queue until it is lifted, and fails none', async () => {
    const { world, fake } = scene;
    const other = await world.addTenant('other');
    const payees = payeesOn(fake, 4);
    await brakeOf(scene).stop({ reason: 'drill', actor: ACTOR });
    await world.dispatch(payees.slice(0, 2));
    await world.dispatch(payees.slice(2), { tenantId: other });
    const process = world.process();
    for (let ledgers = 0; ledgers < 4; ledgers += 1) {
      await turn(process);
      fake.closeLedger(60);
    }
    expect([await world.statuses(), await world.statuses(other)]).toEqual([{ QUEUED: 2 }, { QUEUED: 2 }]);
    expect([await world.attempts(), fake.submitter.sent]).toEqual([{}, []]);
    await brakeOf(scene).resume({ reason: 'over', actor: ACTOR, hold: null });
    await runUntilDone(scene, { next: () => process });
    while ((await world.statuses(other))['SUCCESS'] !== 2) {
      await turn(process);
      fake.closeLedger();
    }
    expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
  });

  it('sends nothing again that was sent before it, and lists that', async () => {
    const { world, fake } = scene;
    const payees = payeesOn(fake, 3);
    fake.faults.set({ loseRequest: 1 });
    await world.dispatch(payees);
    const process = world.process();
    await turn(process);
    const sent = fake.submitter.sent.length;
    expect(sent).toBeGreaterThan(0);
    const state = await brakeOf(scene).stop({ reason: 'drill', actor: ACTOR });
    expect(state.mayStillBePaid.map(({ paymentId }) => paymentId).sort()).toEqual(
      payees.map(({ paymentId }) => paymentId).sort(),
    );
    expect(state.mayStillBePaidCount).toBe(3);
    for (let ledgers = 0; ledgers < 4; ledgers += 1) {
      fake.closeLedger();
      await turn(process);
    }
    expect(fake.submitter.sent).toHaveLength(sent);
  });

  it('is in force when it returns: of payments that were being signed, each is either listed or never sent', async () => {
    const { world, fake } = scene;
    for (let round = 0; round < 12; round += 1) {
      const payees = payeesOn(fake, 4);
      await world.dispatch(payees);
      const process = world.process();
      await process.watch.look();
      const before = fake.submitter.sent.length;
      // Signing and stopping run at the same time; who comes first is chance.
      const turning = process.engine.turn();
      await new Promise((resolve) => setTimeout(resolve, round));
      const state = await brakeOf(scene).stop({ reason: 'race', actor: ACTOR });
      await turning;
      await turn(process);
      const payloads = fake.submitter.sent.slice(before);
      const wasSent = payees.filter(({ destination }) => payloads.some((one) => one.includes(destination)));
      expect(wasSent.map(({ paymentId }) => paymentId).sort()).toEqual(
        state.mayStillBePaid.map(({ paymentId }) => paymentId).sort(),
      );
      await brakeOf(scene).resume({ reason: 'next round', actor: ACTOR, hold: null });
      fake.closeLedger();
      await runUntilDone(scene, { next: () => process });
    }
  });

  it('is not starved by signers that never leave a gap between them', async () => {
    const { world } = scene;
    const over = { is: false };
    let rounds = 0;
    // At every moment some of them hold the lock shared: who only tried for a free moment would wait for ever.
    const signers = Array.from({ length: 8 }, async () => {
      while (!over.is) {
        await world.uow.run(asTenant(world.tenantId), async (tx) => {
          await lockForSigning(tx);
          await tx.execute('SELECT pg_sleep(0.05)');
        });
        rounds += 1;
      }
    });
    while (rounds < 16) await new Promise((resolve) => setImmediate(resolve));
    const tookMs: number[] = [];
    const holders = [
      (): Promise<unknown> => brakeOf(scene).stop({ reason: 'busy', actor: ACTOR }),
      (): Promise<unknown> =>
        world.uow.run(asTenant(world.tenantId), (tx) =>
          new Holds().hold(tx, { type: 'tenant', id: world.tenantId }, 'busy'),
        ),
    ];
    for (const hold of holders) {
      const startedAt = performance.now();
      await hold();
      tookMs.push(performance.now() - startedAt);
    }
    over.is = true;
    await Promise.all(signers);
    for (const one of tookMs) expect(one).toBeLessThan(BOUND_MS);
  });

  it('does not wait for ever for a signer that froze in the middle of its database transaction', async () => {
    const { world } = scene;
    const thaw = new AbortController();
    const frozen = world.uow.run(asTenant(world.tenantId), async (tx) => {
      await lockForSigning(tx);
      await new Promise((resolve) => {
        thaw.signal.addEventListener('abort', resolve);
      });
      await tx.execute('SELECT 1');
    });
    const startedAt = performance.now();
    await brakeOf(scene).stop({ reason: 'frozen', actor: ACTOR });
    expect(performance.now() - startedAt).toBeLessThan(BOUND_MS + 5_000);
    thaw.abort();
    // What it wanted to write is gone with its session.
    await expect(frozen).rejects.toThrow();
  });

  it('is a command, too, that tells what may still be paid and asks for a reason', async () => {
    const { world } = scene;
    const environment = { DATABASE_URL: world.testDb.url('transactionSubmission') };
    const command = (...args: string[]): Promise<CommandOutcome> =>
      runCommand('stop-paying', environment, args);
    const stopped = await command('stop', '--reason', 'a drill', '--json');
    expect([stopped.code, JSON.parse(stopped.out)]).toMatchObject([
      0,
      {
        stopped: true,
        holds: [{ reason: 'a drill', actor: expect.stringMatching(/^operator:/) as unknown }],
      },
    ]);
    expect(await command('stop')).toMatchObject({
      code: 1,
      err: expect.stringContaining('--reason') as unknown,
    });
    const status = await command('stop', '--status');
    expect([status.code, status.out]).toMatchObject([0, expect.stringContaining('a drill')]);
    const wrong = await command('resume', '--reason', 'ok', '--hold', newId());
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('--hold "a drill"')]);
    const resumed = await command('resume', '--reason', 'ok');
    expect([resumed.code, resumed.out]).toEqual([0, 'Payments go out: nothing is stopped.\n']);
    expect(await command('resume', '--reason', 'ok')).toMatchObject({ code: 1 });
    for (const help of ['--help', '-h']) {
      expect((await command('stop', help)).out).toContain('npm run resume-paying');
    }
  });
});
