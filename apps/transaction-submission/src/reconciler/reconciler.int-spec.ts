import { newId } from '@libs/kernel';
import { silentLogger } from '@libs/observability';
import { FindingRepository, ReconciliationRepository, type StoredFinding } from '@libs/submissions';
import { Keypair } from '@stellar/stellar-sdk';
import { Client } from 'pg';

import { credit, trust } from '../../../stellar-sandbox/src/testing/conformance/operation-forms';
import { Stage } from '../../../stellar-sandbox/src/testing/conformance/stage';
import { type Payee, turn } from '../testing/engine-world';
import { payWithoutUs } from '../testing/pay-without-us';
import { SandboxScene } from '../testing/sandbox-scene';
import { to } from '../testing/stage-payees';
import { OutflowComparison } from './outflow-comparison.service';
import { type Reconciled, Reconciler } from './reconciler.service';

describe('the reconciler', () => {
  let scene: SandboxScene;
  beforeEach(async () => {
    scene = await SandboxScene.open(3);
    // The ledger's time moves only when the test says so, and never back.
    await scene.control('clock', { stopAt: '2030-01-01T00:00:00Z' });
    await scene.closeLedger();
    // From here on everything is compared.
    await reconcile();
  });
  afterEach(() => scene.close());

  async function reconcile(pages?: {
    readonly pagesMax: number;
    readonly limit: number;
  }): Promise<Reconciled> {
    const { world, reader } = scene;
    const latest = await reader.latestLedger();
    const context = { uow: world.uow, reader, logger: silentLogger };
    const books = new ReconciliationRepository();
    const reconciler = new Reconciler(context, {
      books,
      findings: new FindingRepository(),
      comparison: new OutflowComparison(context, books, pages?.limit),
      host: world.host.address,
      newest: () => latest,
      ...(pages === undefined ? {} : { pagesMax: pages.pagesMax }),
    });
    const done = await reconciler.run();
    if (done === null) throw new Error('there is a ledger');
    return done;
  }

  const open = (): Promise<readonly StoredFinding[]> =>
    scene.world.uow.runSystem('findings, to check them', (tx) => new FindingRepository().open(tx));
  const kinds = async (): Promise<readonly string[]> => (await open()).map(({ kind }) => kind);

  async function asSuperuser(statement: string, values: unknown[] = []): Promise<void> {
    const client = new Client({ connectionString: scene.world.testDb.superuserUrl });
    await client.connect();
    await client.query(statement, values);
    await client.end();
  }
  /** The comparison of payments leaves a margin for database transactions that are under way. */
  const letTimePass = (): Promise<void> =>
    asSuperuser(`UPDATE submissions.submissions SET updated_at = updated_at - interval '5 minutes'`);

  async function paid(count: number): Promise<readonly Payee[]> {
    const payees = await scene.payees(count);
    await scene.world.dispatch(payees, { memo: { type: 'text', value: 'sdp-1' } });
    await scene.runUntilDone({});
    return payees;
  }

  const payByHand = (destination: string): Promise<void> => payWithoutUs(scene, destination);

  it('finds nothing where everything was paid as ordered, and does not read it again', async () => {
    await paid(7);
    await letTimePass();
    expect(await reconcile()).toEqual({ accounts: 1, outflows: 7, payments: 7, fresh: [], isComplete: true });
    expect(await reconcile()).toEqual({ accounts: 1, outflows: 0, payments: 0, fresh: [], isComplete: true });
    expect(await open()).toEqual([]);
  });

  it('finds nothing where the account paid out what it issues itself', async () => {
    const stage = new Stage(scene.sandbox);
    await stage.fund('A', 'B');
    const issuer = Keypair.fromRawEd25519Seed(Buffer.from(scene.world.host.seed));
    for (const role of ['A', 'B']) await stage.do(stage.key(role), [trust(credit('OWN', issuer))]);
    await scene.world.dispatch(
      ['A', 'B'].map((role) => to(stage.key(role))),
      { asset: { id: newId(), code: 'OWN', issuer: issuer.publicKey() } },
    );
    await scene.runUntilDone({});
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 2 });
    await letTimePass();
    expect(await reconcile()).toMatchObject({ outflows: 2, payments: 2, fresh: [], isComplete: true });
  });

  it('finds a payment that nobody ordered, tells of it once, and shows where it went', async () => {
    await paid(1);
    const [stranger] = await scene.payees(1);
    await payByHand(stranger?.destination ?? '');
    const { fresh } = await reconcile();
    expect(fresh).toMatchObject([
      {
        kind: 'unordered-payment',
        details: {
          account: scene.world.host.address,
          to: stranger?.destination,
          amount: '1.0000000',
          asset: 'XLM',
        },
      },
    ]);
    expect((await reconcile()).fresh).toEqual([]);
    expect(await kinds()).toEqual(['unordered-payment']);
  });

  it('takes what goes to an account of our own for no payment', async () => {
    const { world } = scene;
    const [channel] = await world.uow.runSystem('a channel account', (tx) =>
      tx.query<{ address: string }>('SELECT address FROM submissions.channel_accounts LIMIT 1'),
    );
    await payByHand(channel?.address ?? '');
    expect(await reconcile()).toMatchObject({ outflows: 1, fresh: [] });
  });

  it.each([
    ['amount', `amount = amount + 1`],
    ['asset', `asset_code = 'USDC', asset_issuer = destination`],
    ['destination', `destination = (SELECT address FROM submissions.channel_accounts LIMIT 1)`],
    ['memo', `memo_value = 'sdp-2'`],
    ['absence of a memo', `memo_type = NULL, memo_value = NULL`],
  ])('finds a payment with another %s than was ordered', async (_, change) => {
    const [first] = await paid(2);
    await asSuperuser(`UPDATE submissions.submissions SET ${change} WHERE payment_id = $1`, [
      first?.paymentId,
    ]);
    expect((await reconcile()).fresh).toMatchObject([
      { kind: 'wrong-payment', tenantId: scene.world.tenantId, details: { payment: first?.paymentId } },
    ]);
  });

  it('finds a payment that the ledger shows and our books ended unpaid', async () => {
    await paid(1);
    await asSuperuser(`UPDATE submissions.attempts SET status = 'EXPIRED'`);
    expect((await reconcile()).fresh).toMatchObject([
      { kind: 'unrecorded-payment', tenantId: scene.world.tenantId, details: { status: 'EXPIRED' } },
    ]);
  });

  it('finds a payment that our books show and the ledger does not', async () => {
    await paid(1);
    await asSuperuser(`UPDATE submissions.attempts SET reference = repeat('ab', 32)`);
    expect((await reconcile()).fresh.map(({ kind }) => kind).sort()).toEqual([
      'missing-payment',
      'unordered-payment',
    ]);
  });

  it('finds a success that no applied attempt proves', async () => {
    await paid(2);
    const [forged] = await scene.payees(1);
    await scene.world.dispatch([...(forged === undefined ? [] : [forged])]);
    await asSuperuser(`UPDATE submissions.submissions SET status = 'SUCCESS' WHERE payment_id = $1`, [
      forged?.paymentId,
    ]);
    await letTimePass();
    const { fresh, payments } = await reconcile();
    expect([payments, fresh]).toMatchObject([
      3,
      [{ kind: 'unproven-success', details: { payment: forged?.paymentId } }],
    ]);
  });

  it('waits for what was applied a moment ago, finds it when it stays open, and closes it when it is settled', async () => {
    const payees = await scene.payees(1);
    await scene.world.dispatch(payees);
    const process = scene.world.process();
    await scene.closingUntil(turn(process));
    await scene.closeLedger();
    expect(await reconcile()).toMatchObject({ outflows: 1, fresh: [], isComplete: false });
    await scene.closeLedger(400);
    expect((await reconcile()).fresh.map(({ kind }) => kind).sort()).toEqual([
      'overdue-attempt',
      'unsettled-payment',
    ]);
    await turn(process);
    expect(await scene.world.statuses()).toEqual({ SUCCESS: 1 });
    await reconcile();
    expect(await open()).toEqual([]);
  });

  it('finds what became of an open attempt when it ends otherwise than the ledger shows', async () => {
    await scene.world.dispatch(await scene.payees(1));
    await scene.closingUntil(turn(scene.world.process()));
    await scene.closeLedger();
    await scene.closeLedger(400);
    await reconcile();
    await asSuperuser(`UPDATE submissions.attempts SET status = 'EXPIRED', ended_at = now()`);
    expect((await reconcile()).fresh).toMatchObject([{ kind: 'unrecorded-payment' }]);
    expect(await kinds()).toEqual(['unrecorded-payment']);
  });

  it('reads a bounded part in each run and goes on where it stopped, in whole ledgers', async () => {
    for (let ledgers = 0; ledgers < 3; ledgers += 1) {
      await scene.world.dispatch(await scene.payees(90));
      await scene.runUntilDone({
        next: () => scene.world.process({ settings: { paymentsPerEnvelope: 100 } }),
      });
    }
    const little = { pagesMax: 1, limit: 2 };
    const runs = [await reconcile(little)];
    while (runs.at(-1)?.isComplete !== true) runs.push(await reconcile(little));
    expect(runs.length).toBeGreaterThan(1);
    expect(runs.flatMap(({ fresh }) => fresh)).toEqual([]);
    expect(runs.reduce((sum, { outflows }) => sum + outflows, 0)).toBe(270);
  });
});
