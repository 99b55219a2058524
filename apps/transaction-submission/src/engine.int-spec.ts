import { newId } from '@libs/kernel';
import { Holds } from '@libs/submissions';

import { asTenant } from './engine-context';
import { type Payee, payee, turn } from './testing/engine-world';
import { type FakeScene, openFakeScene, payeesOn, receivedBy, runUntilDone } from './testing/run-engine';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const amounts = (payees: readonly Payee[]): bigint[] => payees.map(({ amount }) => amount);
const ids = (payees: readonly Payee[]): string[] => payees.map(({ paymentId }) => paymentId).sort();

describe('the submission engine', () => {
  let scene: FakeScene;
  beforeEach(async () => {
    scene = await openFakeScene({ channels: 4 });
  });
  afterEach(async () => {
    await scene.world.close();
  });

  it('pays every payment once and tells each outcome once', async () => {
    const { world, fake } = scene;
    const payees = payeesOn(fake, 10);
    await world.dispatch(payees);
    await world.dispatch(payees);
    await runUntilDone(scene);
    expect(await world.statuses()).toEqual({ SUCCESS: 10 });
    expect(receivedBy(fake, payees)).toEqual(amounts(payees));
    expect((await world.outcomes()).map((one) => one.id).sort()).toEqual(ids(payees));
  });

  it('tells an outcome again to whoever hands the same dispatch over again, and pays nothing for it', async () => {
    const { world, fake } = scene;
    const payees = [...payeesOn(fake, 1), payee()];
    await world.dispatch(payees, { trace: TRACE });
    await runUntilDone(scene);
    const [first, ledgers] = [await world.outcomes(), fake.transactions().length];
    expect(first.map((one) => one.outcome).sort()).toEqual(['FAILED', 'SUCCESS']);
    expect(first.map((one) => one.trace)).toEqual([TRACE, TRACE]);
    await world.dispatch(payees);
    await runUntilDone(scene, { turns: 2 });
    const again = (await world.outcomes()).slice(first.length);
    expect(again.map((one) => `${one.id} ${one.outcome} ${String(one.reason)}`).sort()).toEqual(
      first.map((one) => `${one.id} ${one.outcome} ${String(one.reason)}`).sort(),
    );
    expect(fake.transactions()).toHaveLength(ledgers);
  });

  it('pays many in one ledger transaction, and only the faulty one fails', async () => {
    const { world, fake } = scene;
    const payees = [...payeesOn(fake, 9), payee()];
    await world.dispatch(payees);
    await runUntilDone(scene, { next: () => world.process({ settings: { paymentsPerEnvelope: 10 } }) });
    expect(await world.statuses()).toEqual({ SUCCESS: 9, ERROR: 1 });
    expect(await world.attempts()).toEqual({ FAILED: 1, APPLIED: 1 });
    expect(receivedBy(fake, payees)).toEqual([...amounts(payees.slice(0, 9)), undefined]);
    expect((await world.outcomes()).filter((one) => one.outcome === 'FAILED')).toEqual([
      { id: payees[9]?.paymentId, outcome: 'FAILED', reason: 'op_no_destination', trace: '' },
    ]);
  });

  it('stores a payment that can never be paid as an error, and tells it', async () => {
    const { world, fake } = scene;
    const [faulty] = payeesOn(fake, 1);
    await world.dispatch([faulty ?? payee()], { memo: { type: 'text', value: 'x'.repeat(29) } });
    await runUntilDone(scene, { turns: 2 });
    expect(await world.statuses()).toEqual({ ERROR: 1 });
    expect(await world.outcomes()).toEqual([
      { id: faulty?.paymentId, outcome: 'FAILED', reason: 'memo_text_too_long', trace: '' },
    ]);
  });

  it('holds the tenant and fails nobody when the paying account has no funds', async () => {
    const { world, fake } = scene;
    const payees = payeesOn(fake, 3).map((one) => ({ ...one, amount: 10n ** 15n }));
    await world.dispatch(payees);
    const process = await runUntilDone(scene, { turns: 4 });
    expect(await world.statuses()).toEqual({ QUEUED: 3 });
    const reasons = await world.uow.run(asTenant(world.tenantId), (tx) =>
      new Holds().reasons(tx, { type: 'tenant', id: world.tenantId }),
    );
    expect(reasons).toEqual(['ledger:op_underfunded']);
    const before = fake.transactions().length;
    fake.closeLedger();
    await turn(process);
    fake.closeLedger();
    expect(fake.transactions()).toHaveLength(before);
    fake.fund(world.host.address, 10n ** 16n);
    await world.uow.run(asTenant(world.tenantId), (tx) =>
      new Holds().release(tx, { type: 'tenant', id: world.tenantId }, 'ledger:op_underfunded'),
    );
    await runUntilDone(scene);
    expect(receivedBy(fake, payees)).toEqual(amounts(payees));
  });

  it('signs nothing while no new ledger arrives', async () => {
    const { world, fake } = scene;
    const process = world.process();
    await process.watch.look();
    const now = performance.now();
    jest.spyOn(performance, 'now').mockImplementation(() => now + 20_001);
    await world.dispatch(payeesOn(fake, 1));
    await process.engine.turn();
    expect(await world.statuses()).toEqual({ QUEUED: 1 });
    expect(process.watch.problems()).toEqual([expect.stringContaining('no new ledger has arrived')]);
    fake.closeLedger();
    await process.watch.look();
    await process.engine.turn();
    expect(await world.statuses()).toEqual({ SIGNED: 1 });
    jest.restoreAllMocks();
  });

  it('pays two tenants side by side, each only its own', async () => {
    const { world, fake } = scene;
    const other = await world.addTenant('other');
    const [mine, theirs] = [payeesOn(fake, 5), payeesOn(fake, 5)];
    await world.dispatch(mine);
    await world.dispatch(theirs, { tenantId: other });
    await runUntilDone(scene, { turns: 40 });
    await runUntilDone(scene, { turns: 8 });
    expect([await world.statuses(), await world.statuses(other)]).toEqual([{ SUCCESS: 5 }, { SUCCESS: 5 }]);
    expect(receivedBy(fake, [...mine, ...theirs])).toEqual(amounts([...mine, ...theirs]));
  });

  it('leaves a dispatch alone that was withdrawn before its event came', async () => {
    const { world, fake } = scene;
    const [one] = payeesOn(fake, 1);
    const dispatch = { paymentId: one?.paymentId ?? newId(), dispatch: 1 };
    const result = await world.uow.run(asTenant(world.tenantId), (tx) =>
      new Holds().withdraw(tx, [dispatch]),
    );
    expect(result).toEqual([{ ...dispatch, result: 'withdrawn' }]);
    await world.dispatch([one ?? payee()]);
    await runUntilDone(scene, { turns: 3 });
    expect(await world.statuses()).toEqual({ WITHDRAWN: 1 });
    expect(fake.submitter.sent).toEqual([]);
  });

  it('pays what is sent twice by two owners once, because the old owner is fenced', async () => {
    const { world, fake } = scene;
    const payees = payeesOn(fake, 4);
    await world.dispatch(payees);
    const old = world.process();
    await turn(old);
    const young = world.process();
    await young.leases.beat();
    await turn(young);
    fake.closeLedger();
    // The old owner still believes in its leases; whatever it does now matches nothing.
    await turn(old);
    await turn(young);
    await runUntilDone(scene, { next: () => young });
    expect(await world.statuses()).toEqual({ SUCCESS: 4 });
    expect(receivedBy(fake, payees)).toEqual(amounts(payees));
    expect((await world.outcomes()).map((one) => one.id).sort()).toEqual(ids(payees));
  });

  it('ends an attempt that can never pass by a no-op, in about one ledger', async () => {
    const { world, fake } = scene;
    const payees = payeesOn(fake, 1);
    await world.dispatch(payees);
    const submit = fake.submitter.submit.bind(fake.submitter);
    let refusals = 0;
    fake.submitter.submit = async (payload) => {
      const isPayment = payload.includes('"kind":"payment"');
      if (!isPayment || refusals >= 2) return await submit(payload);
      refusals += 1;
      const operationCodes = ['op_malformed'];
      return { kind: 'refused', code: 'op_malformed', operationCodes, advice: 'supersede', feeNeeded: null };
    };
    await runUntilDone(scene, { turns: 6 });
    expect(await world.attempts()).toEqual({ SUPERSEDED: 1 });
    expect(await world.statuses()).toEqual({ ERROR: 1 });
    expect(receivedBy(fake, payees)).toEqual([0n]);
    expect(await world.outcomes()).toMatchObject([{ outcome: 'FAILED', reason: 'op_malformed' }]);
  });

  it('bids more when the fee was too low, with another envelope of the same attempt', async () => {
    const { world, fake } = scene;
    const payees = payeesOn(fake, 1);
    await world.dispatch(payees);
    const submit = fake.submitter.submit.bind(fake.submitter);
    fake.submitter.submit = async (payload) => {
      if (!payload.includes('"feeBid":"200n"')) return await submit(payload);
      return {
        kind: 'refused',
        code: 'tx_insufficient_fee',
        operationCodes: [],
        advice: 'bump',
        feeNeeded: 4_001n,
      };
    };
    await runUntilDone(scene, { turns: 8 });
    expect(await world.attempts()).toEqual({ APPLIED: 1 });
    expect(fake.transactions().at(-1)).toMatchObject({ successful: true });
    const envelopes = await world.uow.run(asTenant(world.tenantId), (tx) =>
      tx.query('SELECT kind, fee_bid FROM submissions.envelopes WHERE tenant_id = $1 ORDER BY number', [
        world.tenantId,
      ]),
    );
    expect(envelopes).toEqual([
      { kind: 'first', fee_bid: 200n },
      { kind: 'bump', fee_bid: 4_002n },
    ]);
  });

  it('waits for its time to pass when the ledger forgets an attempt, and then pays once', async () => {
    const { world, fake } = scene;
    fake.faults.set({ loseRequest: 1 });
    const payees = payeesOn(fake, 2);
    await world.dispatch(payees);
    await runUntilDone(scene, { turns: 6 });
    expect(await world.statuses()).toEqual({ UNKNOWN: 2 });
    fake.closeLedger(120);
    fake.faults.set({});
    await runUntilDone(scene);
    expect(await world.attempts()).toEqual({ EXPIRED: 2, APPLIED: 2 });
    expect(receivedBy(fake, payees)).toEqual(amounts(payees));
  });
});
