import { newId } from '@libs/kernel';
import { ownKeyOf, type Prepared, type SetupInstructions } from '@libs/ledger';
import { newLedgerKey } from '@libs/ledger-stellar/submitter';
import { silentLogger } from '@libs/observability';
import { KillSwitch } from '@libs/testing';

import { KillableSubmitter } from '../testing/killable-submitter';
import { SandboxScene } from '../testing/sandbox-scene';
import { SetupService } from './setup.service';

/** Remembers until when a ledger may include what it prepared. */
class Remembering extends KillableSubmitter {
  readonly until: Date[] = [];

  override async prepareSetup(instructions: SetupInstructions): Promise<Prepared> {
    this.until.push(instructions.maxTime);
    return await super.prepareSetup(instructions);
  }
}

describe('setting up accounts on a network that drops every envelope', () => {
  let scene: SandboxScene;
  beforeEach(async () => {
    scene = await SandboxScene.open(1);
    await scene.control('clock', { stopAt: '2100-01-01T00:00:00Z' });
    // From here on a ledger closes as long after the last one as the test says.
    await scene.closeLedger();
  });
  afterEach(async () => {
    await scene.close();
  });

  it('ends after half a minute of ledger time, says so, and may be done again', async () => {
    const { world, reader } = scene;
    const submitter = new Remembering(scene.submitter, new KillSwitch(null));
    const told: string[] = [];
    const setup = new SetupService({
      instanceId: newId(),
      sessionsName: 'test',
      uow: world.uow,
      reader,
      submitter,
      logger: { ...silentLogger, warn: (_, message) => void told.push(message) },
      settings: {
        channelAccounts: 1,
        paymentsPerEnvelope: 1,
        maxBaseFee: 100_000n,
        lifetimeSeconds: 90,
        lookUpsPerSecond: 0,
        takeOverEveryMs: 0,
        expirySeconds: 15,
      },
    });
    const account = newLedgerKey().address;
    const host = ownKeyOf(world.host.address);
    const order = {
      source: host,
      feePayer: host,
      operations: [{ kind: 'create-account', account, funder: host, startingBalance: 50_000_000n }],
    } as const;
    await scene.control('faults', { action: { kind: 'drop', how: 'at_once' }, probability: 1 });
    const { closedAt } = await reader.latestLedger();
    const dropped = setup.run(order);
    await scene.closingUntil(dropped);
    expect(await dropped).toEqual({ kind: 'expired' });
    expect(submitter.until).toEqual([new Date(closedAt.getTime() + 30_000)]);
    expect(told).toEqual([expect.stringContaining('in time')]);
    await scene.noMoreFaults();
    const again = setup.run(order);
    await scene.closingUntil(again);
    expect(await again).toMatchObject({ kind: 'done' });
    expect((await reader.account(account))?.balances[0]?.balance).toBe(50_000_000n);
  });
});
