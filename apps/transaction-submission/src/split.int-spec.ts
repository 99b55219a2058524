import { setTimeout as delay } from 'node:timers/promises';

import { newId } from '@libs/kernel';
import { FeeRepository } from '@libs/submissions';
import { Keypair } from '@stellar/stellar-sdk';

import {
  lineFlags,
  merge,
  options,
  payTo,
  trust,
} from '../../stellar-sandbox/src/testing/conformance/operation-forms';
import { Stage, units } from '../../stellar-sandbox/src/testing/conformance/stage';
import { asTenant } from './engine-context';
import { payee, type Payee, turn } from './testing/engine-world';
import { SandboxScene } from './testing/sandbox-scene';
import { AUTH_REVOCABLE, AUTHORIZED, to } from './testing/stage-payees';

describe('a hundred payments in one ledger transaction', () => {
  let scene: SandboxScene;
  let stage: Stage;
  beforeEach(async () => {
    scene = await SandboxScene.open(3);
    stage = new Stage(scene.sandbox);
  });
  afterEach(async () => {
    await scene.close();
  });

  const inEnvelopesOfAHundred = () => scene.world.process({ settings: { paymentsPerEnvelope: 100 } });

  /** Eight payees of USD: two can take it, the others are bad in three ways. The paying account holds enough. */
  async function payeesOfUsd(): Promise<readonly Payee[]> {
    const roles = ['good1', 'good2', 'full1', 'full2', 'unauthorised1', 'unauthorised2'];
    await stage.fund('I', 'untrusting1', 'untrusting2', ...roles);
    await stage.do(stage.key('I'), [options({ setFlags: AUTH_REVOCABLE })]);
    for (const role of roles) await stage.trustUsd(role.startsWith('full') ? units(1) : undefined, role);
    await stage.do(
      stage.key('I'),
      ['unauthorised1', 'unauthorised2'].map((role) =>
        lineFlags(stage.key(role), stage.usd, { clear: AUTHORIZED }),
      ),
    );
    const host = Keypair.fromRawEd25519Seed(Buffer.from(scene.world.host.seed));
    await stage.do(host, [trust(stage.usd)]);
    await stage.do(stage.key('I'), [payTo(host, units(1_000), stage.usd)]);
    return [...roles, 'untrusting1', 'untrusting2'].map((role) => to(stage.key(role)));
  }

  it('is two envelopes when eight of them are bad in four ways, and each of the eight is told why', async () => {
    const usd = await payeesOfUsd();
    const [good, missing] = [await scene.payees(90), [payee(), payee()]];
    const asset = { id: newId(), code: 'USD', issuer: stage.key('I').publicKey() };
    await scene.world.dispatch([...good.slice(0, 50), ...missing]);
    await scene.world.dispatch(usd, { asset });
    await scene.world.dispatch(good.slice(50));
    await scene.runUntilDone({ next: inEnvelopesOfAHundred });

    expect(await scene.world.statuses()).toEqual({ SUCCESS: 92, ERROR: 8 });
    expect(await scene.world.attempts()).toEqual({ FAILED: 1, APPLIED: 1 });
    expect(await scene.received(good)).toEqual(good.map((one) => ({ amount: one.amount, payments: 1 })));
    const reasons = new Map((await scene.world.outcomes()).map((one) => [one.id, one.reason]));
    expect(usd.map((one) => reasons.get(one.paymentId))).toEqual([
      null,
      null,
      'op_line_full',
      'op_line_full',
      'op_not_authorized',
      'op_not_authorized',
      'op_no_trust',
      'op_no_trust',
    ]);
    expect(missing.map((one) => reasons.get(one.paymentId))).toEqual([
      'op_no_destination',
      'op_no_destination',
    ]);
  });

  it('tells of each disbursement what ledgers charged for it, also for what failed', async () => {
    const [first, second] = [newId(), newId()];
    const good = await scene.payees(7);
    await scene.world.dispatch([...good.slice(0, 4), payee()], { disbursementId: first });
    await scene.world.dispatch(good.slice(4), { disbursementId: second });
    const before = await scene.reader.transactionsOf(scene.world.host.address, { order: 'desc', limit: 1 });
    await scene.runUntilDone({ next: inEnvelopesOfAHundred });
    expect(await scene.world.attempts()).toEqual({ FAILED: 1, APPLIED: 1 });

    const { transactions } = await scene.reader.transactionsOf(scene.world.host.address, {
      cursor: before.cursor,
    });
    // 8 operations and their fee bump at 100 stroops: 113 for each of the first four, 112 for the others. Then 7 operations.
    expect(transactions.map(({ feeCharged }) => feeCharged)).toEqual([900n, 800n]);
    const fees = new FeeRepository();
    const [ofFirst, ofSecond, ofNone] = await scene.world.uow.run(
      asTenant(scene.world.tenantId),
      async (tx) =>
        [await fees.of(tx, first), await fees.of(tx, second), await fees.of(tx, newId())] as const,
    );
    expect(ofFirst.charged + ofSecond.charged).toBe(1_700n);
    expect([ofFirst.ledgerTransactions, ofSecond.ledgerTransactions, ofNone]).toEqual([
      2,
      2,
      { charged: 0n, ledgerTransactions: 0 },
    ]);
  });

  it('goes again in the turn that sees the failure, and once more for each one that turns bad meanwhile', async () => {
    const good = await scene.payees(97);
    await stage.fund('leaver1', 'leaver2', 'heir');
    const leavers = ['leaver1', 'leaver2'];
    await scene.world.dispatch([...good, payee(), ...leavers.map((role) => to(stage.key(role)))]);
    const process = inEnvelopesOfAHundred();
    for (const leaver of leavers) {
      await turn(process);
      await scene.closeLedger();
      // Their account ends after the last envelope was judged, and before the next one is.
      await stage.do(stage.key(leaver), [merge(stage.key('heir'))]);
    }
    await turn(process);
    expect(await scene.world.attempts()).toEqual({ FAILED: 2, SENT: 1 });
    await scene.closeLedger();
    await turn(process);
    expect(await scene.world.attempts()).toEqual({ FAILED: 3, SENT: 1 });
    await scene.closeLedger();
    await turn(process);
    expect(await scene.world.attempts()).toEqual({ FAILED: 3, APPLIED: 1 });
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 97, ERROR: 3 });
    expect(await scene.received(good)).toEqual(good.map((one) => ({ amount: one.amount, payments: 1 })));
  });

  it.each([
    ['first', 0],
    ['behind others', 50],
  ])('pays what the account can pay and holds the tenant for the rest, which comes %s', async (_, place) => {
    const good = await scene.payees(98);
    const [much] = await scene.payees(1);
    const balance = (await scene.reader.account(scene.world.host.address))?.balances[0]?.balance ?? 0n;
    const tooMuch = { ...(much ?? payee()), amount: balance };
    for (const some of [good.slice(0, place), [tooMuch], good.slice(place)]) {
      // What is handed over in the same millisecond goes in any order.
      await delay(2);
      if (some.length > 0) await scene.world.dispatch(some);
    }
    let process = inEnvelopesOfAHundred();
    const isThrough = async (): Promise<boolean> => {
      const { SUCCESS, QUEUED } = await scene.world.statuses();
      return SUCCESS === 98 && QUEUED === 1;
    };
    // On a slow machine an envelope may be sent a turn later.
    for (let turns = 0; turns < 5 || (turns < 30 && !(await isThrough())); turns += 1) {
      if (await turn(process)) process = inEnvelopesOfAHundred();
      await scene.closeLedger();
    }
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 98, QUEUED: 1 });
    expect(await scene.world.attempts()).toEqual({ FAILED: 2, APPLIED: 1 });
    expect(await scene.received(good)).toEqual(good.map((one) => ({ amount: one.amount, payments: 1 })));
  });
});
