import { newId } from '@libs/kernel';

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
