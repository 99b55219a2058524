import { type LedgerKey } from '@libs/ledger';
import { newLedgerKey } from '@libs/ledger-stellar/submitter';
import { UnitOfWork } from '@libs/persistence';
import { TenantsRepository } from '@libs/tenants';

import { turn } from '../testing/engine-world';
import { type FakeScene, openFakeScene, payeesOn, receivedBy, runUntilDone } from '../testing/run-engine';
import { hostAccountProblems } from './host-account-problems';

const FUNDED = 1_000_0000000n;

/** A tenant of the host account whose funds are shown and checked on another account than the one that the process can use. */
async function openShownElsewhere(): Promise<{ readonly scene: FakeScene; readonly shown: LedgerKey }> {
  const scene = await openFakeScene({ channels: 4 });
  const { world, fake } = scene;
  const shown = newLedgerKey();
  fake.fund(shown.address, FUNDED);
  await new UnitOfWork(world.asDashboard).runSystem('the account that staff see', (tx) =>
    new TenantsRepository().setDistributionAccount(tx, world.tenantId, shown.address),
  );
  return { scene, shown };
}

describe('the host account of a process that is another one than the tenant is shown', () => {
  let scene: FakeScene;
  let shown: LedgerKey;
  beforeEach(async () => {
    ({ scene, shown } = await openShownElsewhere());
  });
  afterEach(() => scene.world.close());

  it('pays nobody, and payments go on when the process has the key of the one that is shown', async () => {
    const { world, fake } = scene;
    const balanceOf = ({ address }: LedgerKey): bigint | undefined =>
      fake.account(address)?.balances[0]?.balance;
    const before = balanceOf(world.host);
    const payees = payeesOn(fake, 2);
    await world.dispatch(payees);
    const wrong = world.process();
    for (let turns = 0; turns < 5; turns += 1) {
      await turn(wrong);
      fake.closeLedger(5);
    }
    expect(await world.statuses()).toEqual({ QUEUED: 2 });
    expect(await world.outcomes()).toEqual([]);
    await runUntilDone(scene, { next: () => world.process({ host: shown }) });
    expect(await world.statuses()).toEqual({ SUCCESS: 2 });
    expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
    expect(balanceOf(shown)).toBeLessThan(FUNDED);
    expect(balanceOf(world.host)).toBe(before);
  });

  it('is told with what to do, but for tenants that are switched off', async () => {
    const { world } = scene;
    const tenants = new TenantsRepository();
    const problems = async (host: LedgerKey): Promise<readonly string[]> =>
      await hostAccountProblems(world.uow, tenants, host.address);
    expect(await problems(world.host)).toEqual([
      `payments of acme wait: they leave from ${shown.address}, and the host account here is ${world.host.address}. Start transaction-submission (or the signer) with the DISTRIBUTION_SEED and DISTRIBUTION_PUBLIC_KEY of that account again, see "The host account" in docs/runbooks/key-rotation.md`,
    ]);
    expect(await problems(shown)).toEqual([]);
    await new UnitOfWork(world.asDashboard).runSystem('the operator switches it off', (tx) =>
      tenants.move(tx, world.tenantId, 'deactivate', 'test'),
    );
    expect(await problems(world.host)).toEqual([]);
  });
});
