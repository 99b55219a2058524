import { SandboxScene } from './testing/sandbox-scene';

const ONCE = { amount: 10_000_000n, payments: 1 };

describe('payments on a network that misbehaves', () => {
  let scene: SandboxScene;
  beforeEach(async () => {
    scene = await SandboxScene.open(6);
  });
  afterEach(async () => {
    await scene.close();
  });

  it('go out once when every answer is a 504 after acceptance, and the ledger is seen late', async () => {
    // Fewer payments than channel accounts: whoever signed one again too early would find an idle one for it.
    const payees = await scene.payees(2);
    await scene.control('faults', { action: { kind: 'respond', when: 'accepted', status: 504 } });
    await scene.control('reader', { lag: 3 });
    await scene.world.dispatch(payees);
    await scene.runUntilDone({ turns: 20 });
    expect(await scene.received(payees)).toEqual(payees.map(() => ONCE));
    expect(await scene.world.attempts()).toEqual({ APPLIED: 2 });
  });

  it('go out once when they are included late', async () => {
    const payees = await scene.payees(2);
    await scene.control('faults', { action: { kind: 'late_inclusion', ledgers: 3 }, count: 2 });
    await scene.world.dispatch(payees);
    await scene.runUntilDone({ turns: 20 });
    expect(await scene.received(payees)).toEqual(payees.map(() => ONCE));
    expect(await scene.world.attempts()).toEqual({ APPLIED: 2 });
  });

  it('wait, and go out once, when the network forgets them', async () => {
    const payees = await scene.payees(4);
    await scene.control('faults', { action: { kind: 'drop', how: 'with_age' }, probability: 1, count: 4 });
    await scene.world.dispatch(payees);
    await scene.runUntilDone({ turns: 60 });
    expect(await scene.received(payees)).toEqual(payees.map(() => ONCE));
  });

  it('bid more when the network asks for it', async () => {
    const payees = await scene.payees(3);
    await scene.control('core', { leastRate: 700 });
    await scene.world.dispatch(payees);
    await scene.runUntilDone({ turns: 12 });
    expect(await scene.received(payees)).toEqual(payees.map(() => ONCE));
    expect(await scene.world.attempts()).toEqual({ APPLIED: 3 });
  });

  it('are neither lost nor doubled by a node that lags behind the network', async () => {
    const payees = await scene.payees(6);
    await scene.control('reader', { lag: 3 });
    await scene.world.dispatch(payees);
    await scene.runUntilDone({ turns: 30 });
    expect(await scene.received(payees)).toEqual(payees.map(() => ONCE));
    expect(await scene.world.attempts()).toEqual({ APPLIED: 6 });
  });

  it.each([1, 2, 3])('go out once through everything at once, and crashes (seed %i)', async (seed) => {
    const payees = await scene.payees(18);
    const faults = [
      { action: { kind: 'respond', when: 'accepted', status: 504 }, probability: 0.2 },
      { action: { kind: 'cut', when: 'accepted' }, probability: 0.1 },
      { action: { kind: 'cut', when: 'before' }, probability: 0.1 },
      { action: { kind: 'respond', when: 'before', status: 503, body: 'html' }, probability: 0.05 },
      { action: { kind: 'late_inclusion', ledgers: 2 }, probability: 0.2 },
      { action: { kind: 'drop', how: 'at_once' }, probability: 0.1 },
      {
        action: { kind: 'respond', when: 'before', status: 429 },
        method: 'GET',
        path: '/accounts',
        probability: 0.1,
      },
    ];
    for (const [index, fault] of faults.entries()) {
      await scene.control('faults', { ...fault, seed: seed * 100 + index });
    }
    let processes = 0;
    await scene.world.dispatch(payees);
    await scene.runUntilDone({
      turns: 150,
      next: () => {
        processes += 1;
        const killAt = processes <= 8 ? ((seed * 29 + processes * 13) % 70) + 5 : null;
        return scene.world.process({ killAt, settings: { paymentsPerEnvelope: seed } });
      },
      afterTurn: async (turns) => {
        if (turns % 7 === 0) await scene.control('reader', { lag: turns % 2 === 0 ? 0 : 2 });
        if (turns === 60) {
          await scene.noMoreFaults();
          await scene.control('reader', { lag: 0 });
        }
      },
    });
    await scene.noMoreFaults();
    await scene.control('reader', { lag: 0 });
    expect(await scene.received(payees)).toEqual(payees.map(() => ONCE));
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 18 });
    const told = (await scene.world.outcomes()).map((one) => one.id);
    expect([told.length, new Set(told).size]).toEqual([18, 18]);
  });
});
