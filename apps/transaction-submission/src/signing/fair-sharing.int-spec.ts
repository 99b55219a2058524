import { newId } from '@libs/kernel';
import { UnitOfWork } from '@libs/persistence';
import { Holds, tenantsWithQueue } from '@libs/submissions';

import { asTenant } from '../engine-context';
import { type Process, turn } from '../testing/engine-world';
import { type FakeScene, openFakeScene, payeesOn, receivedBy } from '../testing/run-engine';

const CHANNELS = 4;
const PER_ENVELOPE = 10;
const BULK = 400;

describe('tenants that share the channel accounts', () => {
  let scene: FakeScene;
  let process: Process;
  beforeEach(async () => {
    scene = await openFakeScene({ channels: CHANNELS });
    process = scene.world.process({ settings: { paymentsPerEnvelope: PER_ENVELOPE } });
    await scene.world.dispatch(payeesOn(scene.fake, BULK), { disbursementId: newId() });
    await nextLedger();
  });
  afterEach(async () => {
    await scene.world.close();
  });

  const nextLedger = async (): Promise<void> => {
    await turn(process);
    scene.fake.closeLedger();
    await turn(process);
  };

  it('are through within two ledgers with few payments, while another has many queued', async () => {
    const { world, fake } = scene;
    const tenant = await world.addTenant('small');
    const smallerTenant = await world.addTenant('smaller');
    const small = payeesOn(fake, 10);
    const smaller = payeesOn(fake, 1);
    await world.dispatch(small, { tenantId: tenant, disbursementId: newId() });
    await world.dispatch(smaller, { tenantId: smallerTenant, disbursementId: newId() });
    await nextLedger();
    await nextLedger();
    expect(await world.statuses(tenant)).toEqual({ SUCCESS: 10 });
    expect(await world.statuses(smallerTenant)).toEqual({ SUCCESS: 1 });
    expect((await world.statuses())['QUEUED']).toBeGreaterThan(BULK / 2);
  });

  it('leave no channel account idle while anybody has payments', async () => {
    const { world, fake } = scene;
    const other = await world.addTenant('small');
    await world.dispatch(payeesOn(fake, 1), { tenantId: other, disbursementId: newId() });
    const before = fake.transactions().length;
    await nextLedger();
    await nextLedger();
    expect(fake.transactions().length - before).toBe(2 * CHANNELS);
  });

  it('pay a direct payment ahead of the payments of their disbursements', async () => {
    const { world, fake } = scene;
    const direct = payeesOn(fake, 2);
    await world.dispatch(direct, { disbursementId: null });
    await nextLedger();
    await nextLedger();
    expect(receivedBy(fake, direct)).toEqual(direct.map(({ amount }) => amount));
  });
});

describe('tenants for whom nothing can be signed', () => {
  const TWO = 2;
  let scene: FakeScene;
  let process: Process;
  beforeEach(async () => {
    scene = await openFakeScene({ channels: TWO });
    process = scene.world.process({ settings: { paymentsPerEnvelope: PER_ENVELOPE } });
  });
  afterEach(async () => {
    await scene.world.close();
  });

  const addHeld = async (count: number): Promise<readonly string[]> => {
    const held: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const tenantId = await scene.world.addTenant(`held${'abcdefgh'.charAt(index)}`);
      await scene.world.dispatch(payeesOn(scene.fake, 1), { tenantId, disbursementId: newId() });
      await new UnitOfWork(scene.world.asDashboard).run(asTenant(tenantId), (tx) =>
        new Holds().hold(tx, { type: 'tenant', id: tenantId }, 'checked'),
      );
      held.push(tenantId);
    }
    return held;
  };

  /** Envelopes that one round puts on their way. */
  const signedInOneRound = async (): Promise<number> => {
    const before = scene.fake.submitter.sent.length;
    await process.watch.look();
    await process.engine.turn();
    await process.sending.whenIdle(20_000);
    return scene.fake.submitter.sent.length - before;
  };

  it.each([1, 3])('leave all channel accounts to the others in one round (%d of them)', async (count) => {
    await addHeld(count);
    const tenantId = await scene.world.addTenant('payer');
    await scene.world.dispatch(payeesOn(scene.fake, BULK), { tenantId, disbursementId: newId() });
    expect(await signedInOneRound()).toBe(TWO);
  });

  it('leave the only free channel account to one that has the other', async () => {
    const { world, fake } = scene;
    await world.dispatch(payeesOn(fake, PER_ENVELOPE), { disbursementId: newId() });
    expect(await signedInOneRound()).toBe(1);
    await addHeld(1);
    await world.dispatch(payeesOn(fake, BULK), { disbursementId: newId() });
    expect(await signedInOneRound()).toBe(1);
  });

  it('are paid in the next round when their hold is lifted', async () => {
    const { world, fake } = scene;
    const [tenantId = ''] = await addHeld(1);
    expect(await signedInOneRound()).toBe(0);
    await new UnitOfWork(world.asDashboard).run(asTenant(tenantId), (tx) =>
      new Holds().release(tx, { type: 'tenant', id: tenantId }, 'checked'),
    );
    expect(await signedInOneRound()).toBe(1);
    fake.closeLedger();
    await turn(process);
    expect(await world.statuses(tenantId)).toEqual({ SUCCESS: 1 });
  });

  it('are listed from another start each time, so that none is beyond the most that are listed', async () => {
    const { world } = scene;
    const held = [...(await addHeld(4))].sort();
    const [first = '', second = '', third = '', last = ''] = held;
    const list = (after: string | null, max?: number): Promise<readonly string[]> =>
      world.uow.runSystem('tenants with queued submissions', (tx) => tenantsWithQueue(tx, after, max));
    expect(await list(null)).toEqual(held);
    expect(await list(null, 2)).toEqual([first, second]);
    expect(await list(first, 2)).toEqual([second, third]);
    expect(await list(third, 3)).toEqual([last, first, second]);
    expect(await list(last, 9)).toEqual(held);
    expect(await list(second)).toEqual([third, last, first, second]);
  });
});
