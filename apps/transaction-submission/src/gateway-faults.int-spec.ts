import { SandboxScene } from './testing/sandbox-scene';

const ONCE = { amount: 10_000_000n, payments: 1 };
const LATE = { kind: 'late_inclusion', ledgers: 1 };
const VERY_LATE = { kind: 'late_inclusion', ledgers: 9 };
const NEVER = { kind: 'drop', how: 'at_once' };
const CUT = { kind: 'cut', when: 'accepted' };
const NO_ANSWER_IN_TIME = { kind: 'respond', when: 'accepted', status: 504 };
const SLOW = { kind: 'delay', ms: 300 };

/** Fewer payments than channel accounts: whoever signed one again too early would find an idle one for it. */
const PAYMENTS = 2;

describe('payments through a gateway that misbehaves', () => {
  let scene: SandboxScene;
  beforeEach(async () => {
    scene = await SandboxScene.open(6);
  });
  afterEach(async () => {
    await scene.close();
  });

  it.each([
    ['a 504', 'one ledger later', { ...NO_ANSWER_IN_TIME, fate: LATE }],
    ['a 504', 'nine ledgers later', { ...NO_ANSWER_IN_TIME, fate: VERY_LATE }],
    ['a 504', 'never', { ...NO_ANSWER_IN_TIME, fate: NEVER }],
    ['a cut connection', 'nine ledgers later', { ...CUT, fate: VERY_LATE }],
    ['a cut connection', 'never', { ...CUT, fate: NEVER }],
    ['a slow answer', 'nine ledgers later', { ...SLOW, fate: VERY_LATE }],
  ])('go out once after %s where the network takes them %s', async (_answer, _when, action) => {
    const payees = await scene.payees(PAYMENTS);
    await scene.control('faults', { action, count: PAYMENTS });
    await scene.world.dispatch(payees);
    await scene.runUntilDone({ turns: 40 });
    // What was included late may come after the rest is done: it must not.
    for (let ledgers = 0; ledgers < 12; ledgers += 1) await scene.closeLedger();
    expect(await scene.received(payees)).toEqual(payees.map(() => ONCE));
    expect(await scene.world.attempts()).toEqual({ APPLIED: PAYMENTS });
  });

  it.each([
    ['429', { status: 429 }],
    ['429 with Retry-After', { status: 429, retryAfter: 3 }],
    ['503 without a body', { status: 503, body: 'empty' }],
    ['502 in HTML', { status: 502, body: 'html' }],
    ['200 with JSON that ends in the middle', { status: 200, body: 'broken' }],
    ['200 with nothing', { status: 200, body: 'empty' }],
  ])('change no state because of nonsense, and go out once after it: %s', async (_name, answer) => {
    const payees = await scene.payees(PAYMENTS);
    await scene.world.dispatch(payees);
    const action = { kind: 'respond', when: 'before', ...answer };
    await scene.control('faults', { action });
    await scene.control('faults', { action, method: 'GET', path: '/', probability: 0.7 });
    let ledgers = 0;
    await scene.runUntilDone({
      turns: 40,
      afterTurn: async () => {
        ledgers += 1;
        if (ledgers < 6) {
          expect(await scene.world.attempts()).not.toMatchObject({ APPLIED: expect.anything() as number });
        }
        if (ledgers === 6) await scene.noMoreFaults();
      },
    });
    expect(ledgers).toBeGreaterThan(6);
    expect(await scene.received(payees)).toEqual(payees.map(() => ONCE));
    expect(await scene.world.attempts()).toEqual({ APPLIED: PAYMENTS });
  });
});

describe.each([
  ['in a list', ['1', '2']],
  ['behind a balancer', ['any']],
])('payments through servers of different age, %s', (_name, nodes) => {
  let scene: SandboxScene;
  beforeEach(async () => {
    scene = await SandboxScene.open(6, nodes);
  });
  afterEach(async () => {
    await scene.close();
  });

  it.each([
    ['ingests nothing', { node: 2, frozen: true }],
    ['is three ledgers behind', { node: 2, lag: 3 }],
    ['ingests by fits and starts', { node: 2, flap: { frozenLedgers: 6, readingLedgers: 2 } }],
    ['is down', { node: 2, down: true }],
  ])('go out once while one of them %s, through crashes', async (_what, trouble) => {
    const payees = await scene.payees(9);
    await scene.control('reader', trouble);
    // Some are forgotten by the network: only a server that knows enough may say so.
    await scene.control('faults', { action: { kind: 'drop', how: 'at_once' }, count: 3 });
    await scene.control('faults', { action: { ...NO_ANSWER_IN_TIME, fate: VERY_LATE }, count: 2 });
    await scene.world.dispatch(payees);
    let processes = 0;
    await scene.runUntilDone({
      turns: 100,
      next: () => {
        processes += 1;
        return scene.world.process({ killAt: processes <= 3 ? processes * 17 : null });
      },
      // Others ask the balancer, too: it does not give us the same server for the same question each time.
      afterTurn: async (turns) => {
        if (turns % 3 === 0) await fetch(`${scene.sandbox.url}/nodes/any/ledgers`).catch(() => null);
      },
    });
    await scene.control('reader', { node: 2, frozen: false, lag: 0, flap: null, down: false });
    for (let ledgers = 0; ledgers < 12; ledgers += 1) await scene.closeLedger();
    expect(await scene.received(payees)).toEqual(payees.map(() => ONCE));
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 9 });
  });
});
