import { UnitOfWork } from '@libs/persistence';
import { OrganizationsRepository, PaymentTermsRepository } from '@libs/tenants';

import { payTo } from '../../stellar-sandbox/src/testing/conformance/operation-forms';
import { Stage } from '../../stellar-sandbox/src/testing/conformance/stage';
import { asTenant } from './engine-context';
import { type Process, turn } from './testing/engine-world';
import { SandboxScene } from './testing/sandbox-scene';

const ONCE = { amount: 10_000_000n, payments: 1 };

describe('the fees of payments', () => {
  let scene: SandboxScene;
  let stage: Stage;
  let process: Process;
  beforeEach(async () => {
    scene = await SandboxScene.open(3);
    stage = new Stage(scene.sandbox);
    process = scene.world.process();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await scene.close();
  });

  const surge = async (leastRate: number): Promise<void> => {
    await scene.control('core', { leastRate });
  };
  const ledgers = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += 1) {
      await scene.closeLedger();
      await turn(process);
    }
  };
  /** The whole bids of each attempt's envelopes. Each attempt has one payment: two operations with the fee bump. */
  const bids = async (): Promise<readonly (readonly bigint[])[]> => {
    const rows = await scene.world.uow.run(asTenant(scene.world.tenantId), (tx) =>
      tx.query<{ bids: readonly bigint[] }>(
        `SELECT array_agg(fee_bid::text ORDER BY number) AS bids FROM submissions.envelopes
          WHERE tenant_id = $1 GROUP BY attempt_id ORDER BY attempt_id`,
        [scene.world.tenantId],
      ),
    );
    return rows.map((row) => row.bids.map(BigInt));
  };
  const posts = async (): Promise<number> => {
    const answer = await fetch(`${scene.sandbox.url}/sandbox/requests`);
    const { requests } = (await answer.json()) as { readonly requests: Readonly<Record<string, number>> };
    return requests['POST /transactions_async'] ?? 0;
  };
  const include = async (fee: number): Promise<void> => {
    const operations = [payTo(stage.key('heir'), 1n)];
    const tx = await stage.envelope({ source: stage.key('rich'), operations, fee });
    const body = new URLSearchParams({ tx });
    const { status } = await fetch(`${scene.sandbox.url}/transactions_async`, { method: 'POST', body });
    expect(status).toBe(201);
  };

  it('are bid tenfold while a node still queues the old envelope, and one of the two is charged', async () => {
    await stage.fund('rich', 'heir');
    const payees = await scene.payees(1);
    await scene.world.dispatch(payees);
    await turn(process);
    await surge(500);
    await include(900);
    await ledgers(1);
    // What ledgers charge is asked for again after 20 s.
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + 20_001);
    await ledgers(1);
    expect(await bids()).toEqual([[200n, 2_000n]]);
    await ledgers(2);
    expect(await scene.received(payees)).toEqual([ONCE]);
    expect(await scene.world.attempts()).toEqual({ APPLIED: 1 });
    const { transactions } = await scene.reader.transactionsOf(payees[0]?.destination ?? '', {
      order: 'desc',
    });
    expect(transactions[0]).toMatchObject({ feeCharged: 1_000n });
  });

  it('are bid any higher once a node has dropped the envelope, whose bytes are never sent again', async () => {
    const payees = await scene.payees(1);
    await scene.world.dispatch(payees);
    await turn(process);
    const before = await posts();
    await surge(500);
    await ledgers(3);
    expect([await bids(), (await posts()) - before]).toEqual([[[200n]], 0]);
    await ledgers(1);
    // The step is too small for this surge, and the node says what it wants.
    expect([await bids(), (await posts()) - before]).toEqual([[[200n, 202n]], 1]);
    await ledgers(3);
    expect([await bids(), (await posts()) - before]).toEqual([[[200n, 202n, 1_000n]], 2]);
    expect(await scene.received(payees)).toEqual([ONCE]);
    expect(await scene.world.attempts()).toEqual({ APPLIED: 1 });
    expect(await scene.world.outcomes()).toMatchObject([{ outcome: 'SUCCESS' }]);
  });

  it('stay below the ceiling of the tenant in a surge that lasts, fail nobody, and few calls are made meanwhile', async () => {
    await new UnitOfWork(scene.world.asDashboard).run(asTenant(scene.world.tenantId), async (tx) => {
      await new OrganizationsRepository().add(tx, { name: 'Acme', mfaDisabled: null, captchaDisabled: null });
      await new PaymentTermsRepository().change(tx, { maxBaseFee: 300n });
    });
    // From here on ledgers are as far apart as they say.
    await scene.control('clock', { stopAt: '2099-01-01T00:00:00Z' });
    const payees = await scene.payees(6);
    await surge(500);
    const before = await posts();
    await scene.world.dispatch(payees);
    await turn(process);
    // Two and a half minutes: each attempt lives for one.
    await ledgers(30);
    const made = await bids();
    expect(made.flat().every((bid) => bid <= 600n)).toBe(true);
    expect(Math.max(...made.map((one) => one.length))).toBe(2);
    expect(await scene.world.statuses()).not.toHaveProperty('ERROR');
    // Three at once, and then one at a time: the breaker is open. Each is sent twice, and once more after the node's ban.
    expect(made.length).toBeLessThanOrEqual(6);
    expect((await posts()) - before).toBeLessThanOrEqual(made.length * 3);
    await surge(0);
    await scene.runUntilDone({ next: () => process, turns: 60 });
    expect(await scene.received(payees)).toEqual(payees.map(() => ONCE));
  });
});
