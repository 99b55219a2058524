import { newId } from '@libs/kernel';
import { assetKey, factsOf } from '@libs/ledger';
import { DestinationRepository, Holds } from '@libs/submissions';
import { Keypair } from '@stellar/stellar-sdk';
import { Pool } from 'pg';

import {
  data,
  lineFlags,
  options,
  payTo,
  trust,
} from '../../../stellar-sandbox/src/testing/conformance/operation-forms';
import { Stage, units } from '../../../stellar-sandbox/src/testing/conformance/stage';
import { asTenant } from '../engine-context';
import { payee, type Payee, turn } from '../testing/engine-world';
import { SandboxScene } from '../testing/sandbox-scene';
import { AUTH_REVOCABLE, AUTHORIZED, to } from '../testing/stage-payees';

describe('payments to accounts that cannot take them', () => {
  let scene: SandboxScene;
  let stage: Stage;
  beforeEach(async () => {
    scene = await SandboxScene.open(3);
    stage = new Stage(scene.sandbox);
  });
  afterEach(async () => {
    await scene.close();
  });

  const inEnvelopesOfAHundred = () =>
    scene.world.process({ settings: { paymentsPerEnvelope: 100, lookUpsPerSecond: 2 } });
  const reasons = async (): Promise<ReadonlyMap<string, string | null>> =>
    new Map((await scene.world.outcomes()).map((one) => [one.id, one.reason]));
  const asked = async (): Promise<number> => {
    const answer = await fetch(`${scene.sandbox.url}/sandbox/requests`);
    const { requests } = (await answer.json()) as { readonly requests: Readonly<Record<string, number>> };
    return requests['GET /accounts/{id}'] ?? 0;
  };
  const asUs = async <Result>(
    work: (tx: Parameters<DestinationRepository['learn']>[0]) => Promise<Result>,
  ): Promise<Result> => await scene.world.uow.run(asTenant(scene.world.tenantId), work);

  it('are rejected before they cost a fee, each with its reason, and the others go in one envelope', async () => {
    const roles = ['good', 'full', 'unauthorised'];
    await stage.fund('I', 'untrusting', 'exchange', ...roles);
    await stage.do(stage.key('I'), [options({ setFlags: AUTH_REVOCABLE })]);
    for (const role of [...roles, 'exchange'])
      await stage.trustUsd(role === 'full' ? units(1) : undefined, role);
    await stage.do(stage.key('I'), [lineFlags(stage.key('unauthorised'), stage.usd, { clear: AUTHORIZED })]);
    await stage.do(stage.key('exchange'), [data('config.memo_required', '1')]);
    const host = Keypair.fromRawEd25519Seed(Buffer.from(scene.world.host.seed));
    await stage.do(host, [trust(stage.usd)]);
    await stage.do(stage.key('I'), [payTo(host, units(1_000), stage.usd)]);
    const payees = ['good', 'full', 'unauthorised', 'untrusting', 'exchange', 'missing', 'I'].map((role) =>
      to(stage.key(role)),
    );
    await scene.world.dispatch(payees, {
      asset: { id: newId(), code: 'USD', issuer: stage.key('I').publicKey() },
    });
    await scene.runUntilDone({ next: inEnvelopesOfAHundred });
    const told = await reasons();
    expect(payees.map((one) => told.get(one.paymentId))).toEqual([
      null,
      'account_may_not_hold_that_much',
      'issuer_has_not_authorized_account',
      'account_does_not_trust_the_asset',
      'account_requires_a_memo',
      'account_does_not_exist',
      // The issuer takes its own asset back without a trustline.
      null,
    ]);
    expect(await scene.world.attempts()).toEqual({ APPLIED: 1 });
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 2, ERROR: 5 });
  });

  it('wait a few seconds at most for a node that does not answer, and are signed on the ledger that is the newest then', async () => {
    const payees = await scene.payees(12);
    const process = inEnvelopesOfAHundred();
    await turn(process);
    await scene.control('faults', {
      action: { kind: 'delay', ms: 60_000 },
      method: 'GET',
      path: `/accounts/${payees[0]?.destination.slice(0, 1) ?? ''}`,
      account: payees[0]?.destination,
    });
    await scene.world.dispatch(payees);
    const before = await scene.reader.latestLedger();
    const patience: number[] = [];
    const account = scene.reader.account.bind(scene.reader);
    scene.reader.account = async (address, options) => {
      patience.push(options?.withinMs ?? Infinity);
      if (address !== payees[0]?.destination) return await account(address, options);
      // While it looks, ledgers close; and then its time is over.
      for (let closed = 0; closed < 4; closed += 1) await scene.closeLedger(20);
      await process.watch.look();
      return await account(address, { ...options, withinMs: 50 });
    };
    await process.engine.turn();
    await scene.noMoreFaults();
    const [attempt, ...others] = await asUs((tx) =>
      tx.query<{ max_time: Date; last_ledger: bigint; operations: number }>(
        'SELECT max_time, last_ledger, operations FROM submissions.attempts WHERE tenant_id = $1',
        [tx.tenantId],
      ),
    );
    expect([attempt?.operations, others]).toEqual([12, []]);
    expect(Math.max(...patience)).toBeGreaterThan(0);
    expect(Math.max(...patience)).toBeLessThanOrEqual(3_000);
    const seen = await scene.reader.ledger(Number(attempt?.last_ledger ?? 0n));
    expect(seen?.sequence ?? 0).toBeGreaterThan(before.sequence);
    const lifetime = (attempt?.max_time.getTime() ?? 0) - (seen?.closedAt.getTime() ?? 0);
    expect(lifetime).toBeGreaterThanOrEqual(60_000);
    expect(lifetime).toBeLessThanOrEqual(120_000);
    await scene.runUntilDone({ next: () => process });
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 12 });
  });

  it('are paid with the memo that the account asks for', async () => {
    await stage.fund('exchange');
    await stage.do(stage.key('exchange'), [data('config.memo_required', '1')]);
    await scene.world.dispatch([to(stage.key('exchange'))], { memo: { type: 'id', value: '7' } });
    await scene.runUntilDone({ next: inEnvelopesOfAHundred });
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 1 });
  });

  it('are looked at only where nothing fresh is known, or something failed before', async () => {
    const payees = await scene.payees(4);
    const [, old = '', failed = ''] = payees.map((one) => one.destination);
    const facts = await Promise.all(
      payees
        .slice(0, 3)
        .map(async ({ destination }) => factsOf(destination, await scene.reader.account(destination))),
    );
    await asUs(async (tx) => {
      const destinations = new DestinationRepository();
      await destinations.learn(tx, facts);
      await destinations.distrust(tx, [failed]);
      await tx.execute(
        `UPDATE submissions.destinations SET checked_at = now() - interval '25 hours' WHERE tenant_id = $1 AND address = $2`,
        [tx.tenantId, old],
      );
    });
    const process = inEnvelopesOfAHundred();
    // It reads the sequence numbers of its channel accounts.
    await turn(process);
    const before = await asked();
    await scene.world.dispatch(payees);
    await scene.runUntilDone({ next: () => process });
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 4 });
    // The old one, the failed one and the unknown one; the one that is known is not among them.
    expect((await asked()) - before).toBe(3);
    await scene.world.dispatch(payees.map((one) => ({ ...one, paymentId: newId() })));
    await scene.runUntilDone({ next: () => process });
    expect((await asked()) - before).toBe(3);
  });

  it('are not looked at when there are more than the budget is for, and are split by the ledger at once', async () => {
    const [good, missing] = [await scene.payees(60), Array.from({ length: 40 }, () => payee())];
    const process = inEnvelopesOfAHundred();
    // It reads the sequence numbers of its channel accounts.
    await turn(process);
    const before = await asked();
    await scene.world.dispatch([...good, ...missing]);
    await scene.runUntilDone({ next: () => process });
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 60, ERROR: 40 });
    expect(await scene.world.attempts()).toEqual({ FAILED: 1, APPLIED: 1 });
    expect(await asked()).toBe(before);
    expect(await scene.received(good)).toEqual(good.map((one) => ({ amount: one.amount, payments: 1 })));
  });

  it('cost no more look-ups than the budget, however many have failed before', async () => {
    const payees = await scene.payees(60);
    await asUs((tx) =>
      new DestinationRepository().distrust(
        tx,
        payees.map((one) => one.destination),
      ),
    );
    const process = inEnvelopesOfAHundred();
    await turn(process);
    const before = await asked();
    await scene.world.dispatch(payees);
    await process.watch.look();
    await process.engine.turn();
    const lookedAt = (await asked()) - before;
    expect(lookedAt).toBeGreaterThan(0);
    expect(lookedAt).toBeLessThan(60);
    await scene.runUntilDone({ next: () => process });
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 60 });
  });

  it('are asked about again before the next payment, once a ledger has refused one', async () => {
    const [late] = [payee()];
    await asUs((tx) =>
      // It was there when it was looked at.
      new DestinationRepository().learn(tx, [
        { address: late.destination, exists: true, memoRequired: false, lines: {}, isPartial: false },
      ]),
    );
    await scene.world.dispatch([late]);
    await scene.runUntilDone({ next: inEnvelopesOfAHundred });
    expect([...(await reasons()).values()]).toEqual(['op_no_destination']);
    await scene.world.dispatch([late], { dispatch: 2 });
    await scene.runUntilDone({ next: inEnvelopesOfAHundred });
    expect((await scene.world.outcomes()).map((one) => one.reason)).toEqual([
      'op_no_destination',
      'account_does_not_exist',
    ]);
    await scene.fund([{ address: late.destination }]);
    await scene.world.dispatch([late], { dispatch: 3 });
    await scene.runUntilDone({ next: inEnvelopesOfAHundred });
    expect(await scene.world.statuses()).toEqual({ ERROR: 2, SUCCESS: 1 });
  });

  it('are judged by trustlines as they are kept, of the asset and the amount in question', async () => {
    const [person, issuer] = [stage.key('person').publicKey(), stage.key('I').publicKey()];
    const asset = { code: 'USD', issuer };
    const lines = { [assetKey(asset)]: { authorized: true, room: 50n } };
    const payment = (amount: bigint, code = 'USD') => ({
      destination: person,
      asset: { code, issuer },
      amount,
      memo: null,
    });
    const places = await asUs(async (tx) => {
      const destinations = new DestinationRepository();
      await destinations.learn(tx, [
        { address: person, exists: true, memoRequired: false, lines, isPartial: false },
      ]);
      const wanted = [
        payment(50n),
        payment(51n),
        payment(1n, 'EUR'),
        { ...payment(1n), destination: issuer },
      ];
      return await destinations.toLookAt(tx, wanted, 10);
    });
    // First those that seem to be bad, then the account of which nothing is known.
    expect(places).toEqual([1, 2, 3]);
  });

  describe('of which something changes while they are looked at', () => {
    /** Known as one that is there, and failed before: it is looked at, and is not there. */
    let gone: Payee;
    beforeEach(async () => {
      gone = payee();
      await asUs(async (tx) => {
        const destinations = new DestinationRepository();
        await destinations.learn(tx, [
          { address: gone.destination, exists: true, memoRequired: false, lines: {}, isPartial: false },
        ]);
        await destinations.distrust(tx, [gone.destination]);
      });
      await scene.world.dispatch([gone]);
    });

    /** Between the claim of the payment and the record of what was found. */
    const duringTheLookUp = (change: () => Promise<unknown>): void => {
      const account = scene.reader.account.bind(scene.reader);
      let isChanged = false;
      scene.reader.account = async (address, options) => {
        if (address === gone.destination && !isChanged) {
          isChanged = true;
          await change();
        }
        return await account(address, options);
      };
    };
    const asSuperuser = async (statement: string, values: readonly unknown[] = []): Promise<void> => {
      const pool = new Pool({ connectionString: scene.world.testDb.superuserUrl, max: 1 });
      const { rowCount } = await pool.query(statement, [...values]);
      await pool.end();
      expect(rowCount).toBe(1);
    };
    const isKnownToExist = async (): Promise<unknown> =>
      await asUs((tx) =>
        tx.queryOne(
          'SELECT account_exists, failed FROM submissions.destinations WHERE tenant_id = $1 AND address = $2',
          [tx.tenantId, gone.destination],
        ),
      );
    const nothingIsWritten = async (): Promise<void> => {
      expect(await scene.world.statuses()).toEqual({ QUEUED: 1 });
      expect(await scene.world.outcomes()).toEqual([]);
      expect(await isKnownToExist()).toEqual({ account_exists: true, failed: true });
    };

    it('stay queued when they are held meanwhile, and are rejected once nothing holds them', async () => {
      const subject = { type: 'payment', id: gone.paymentId } as const;
      duringTheLookUp(() => asUs((tx) => new Holds().hold(tx, subject, 'a person looks')));
      const process = inEnvelopesOfAHundred();
      await turn(process);
      expect(await scene.world.statuses()).toEqual({ QUEUED: 1 });
      expect(await scene.world.outcomes()).toEqual([]);
      await asUs((tx) => new Holds().release(tx, subject, 'a person looks'));
      await scene.runUntilDone({ next: () => process });
      expect(await scene.world.outcomes()).toMatchObject([
        { outcome: 'FAILED', reason: 'account_does_not_exist' },
      ]);
    });

    it('are left alone, with what is known of them, by an instance that was ended meanwhile', async () => {
      duringTheLookUp(() =>
        asSuperuser('UPDATE submissions.instances SET ended_at = now() WHERE ended_at IS NULL'),
      );
      await turn(inEnvelopesOfAHundred());
      await nothingIsWritten();
    });

    it('are left to the instance that has claimed them meanwhile', async () => {
      duringTheLookUp(() =>
        asSuperuser('UPDATE submissions.submissions SET claimed_by = $1 WHERE claimed_by IS NOT NULL', [
          newId(),
        ]),
      );
      const process = inEnvelopesOfAHundred();
      await process.watch.look();
      // Once only: nobody else is there, and in the next turn it would claim the payment back.
      await process.engine.turn();
      expect(await scene.world.statuses()).toEqual({ QUEUED: 1 });
      expect(await scene.world.outcomes()).toEqual([]);
    });

    it('are left alone in a database that takes the place of the one they were claimed in', async () => {
      duringTheLookUp(() => asSuperuser('UPDATE submissions.database_identity SET timeline = timeline + 1'));
      await expect(turn(inEnvelopesOfAHundred())).rejects.toMatchObject({ name: 'HistoryChangedError' });
      await nothingIsWritten();
    });
  });
});
