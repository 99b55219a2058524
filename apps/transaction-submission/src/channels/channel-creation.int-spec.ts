import { newId } from '@libs/kernel';
import type { SubmitAnswer } from '@libs/ledger';
import { silentLogger } from '@libs/observability';
import {
  ChannelAccountRepository,
  ChannelPopulationRepository,
  DatabaseIdentityRepository,
} from '@libs/submissions';
import { KillableUnitOfWork, KilledError, KillSwitch } from '@libs/testing';

import { SetupService } from '../accounts/setup.service';
import type { EngineContext } from '../engine-context';
import { turn } from '../testing/engine-world';
import { KillableSubmitter } from '../testing/killable-submitter';
import { SandboxScene } from '../testing/sandbox-scene';
import { ChannelCreationService } from './channel-creation.service';

const ONCE = { amount: 10_000_000n, payments: 1 };
/** Small enough that the first account that was made helps to make the others. */
const FEW = { host: 1, channel: 5 };

/** The process dies before this envelope leaves; its first byte may leave much later all the same. */
class HeldBack extends KillableSubmitter {
  payload: string | null = null;
  private submitted = 0;

  constructor(
    scene: SandboxScene,
    private readonly kept: number,
  ) {
    super(scene.submitter, new KillSwitch(null));
  }

  override async submit(payload: string): Promise<SubmitAnswer> {
    this.submitted += 1;
    if (this.submitted === this.kept) this.payload = payload;
    if (this.payload !== null) throw new KilledError('killed');
    return await super.submit(payload);
  }
}

describe('making channel accounts', () => {
  let scene: SandboxScene;
  let wanted = 1;
  beforeAll(async () => {
    scene = await SandboxScene.open(1);
  });
  afterAll(async () => {
    await scene.close();
  });

  function creation(
    parts: Partial<Pick<EngineContext, 'uow' | 'submitter'>>,
    perTransaction?: { readonly host: number; readonly channel: number },
  ): ChannelCreationService {
    const { world, reader, submitter } = scene;
    const context: EngineContext = {
      instanceId: newId(),
      sessionsName: 'test',
      uow: world.uow,
      reader,
      submitter,
      logger: silentLogger,
      settings: {
        channelAccounts: 1,
        paymentsPerEnvelope: 1,
        maxBaseFee: 100_000n,
        lifetimeSeconds: 60,
        lookUpsPerSecond: 0,
        takeOverEveryMs: 0,
        expirySeconds: 15,
      },
      ...parts,
    };
    return new ChannelCreationService(context, {
      channels: new ChannelAccountRepository(),
      population: new ChannelPopulationRepository(),
      keys: world.keys(),
      setup: new SetupService(context),
      ...(perTransaction !== undefined && { perTransaction }),
    });
  }

  /** True when it was killed. */
  async function isKilled(work: Promise<unknown>): Promise<boolean> {
    const outcome = work.then(
      () => false,
      (error: unknown) => error instanceof KilledError,
    );
    await scene.closingUntil(outcome);
    return await outcome;
  }

  /** Two processes, one after the other: each reads the sequence numbers of its channel accounts and pays. */
  async function paysAfterRestarts(): Promise<void> {
    for (let starts = 0; starts < 2; starts += 1) {
      const payees = await scene.payees(1);
      const process = scene.world.process();
      await turn(process);
      await scene.world.dispatch(payees);
      await scene.runUntilDone({ next: () => process, turns: 20 });
      expect(process.engine.problems()).toEqual([]);
      expect(await scene.received(payees)).toEqual([ONCE]);
      await process.leases.stop();
    }
  }

  it('does not look like a restore when a killed process had sent something that comes late', async () => {
    for (let envelope = 1; ; envelope += 1) {
      wanted += 7;
      const submitter = new HeldBack(scene, envelope);
      const wasKilled = await isKilled(creation({ submitter }, FEW).growTo(wanted));
      await scene.closingUntil(creation({}).growTo(wanted));
      const process = scene.world.process();
      await turn(process);
      await process.leases.stop();
      if (submitter.payload !== null) await scene.closingUntil(scene.submitter.submit(submitter.payload));
      await scene.closeLedger();
      await paysAfterRestarts();
      if (!wasKilled) break;
    }
    // The host account's envelopes and one of a channel account.
    expect(wanted).toBeGreaterThanOrEqual(1 + 7 * 4);
  });

  it('may be killed at any point: the next one finishes it, and every sequence number is one that is known', async () => {
    for (let killAt = 1; ; killAt += 1) {
      wanted += 4;
      const kill = new KillSwitch(killAt);
      const killable = {
        uow: new KillableUnitOfWork(scene.world.database, kill),
        submitter: new KillableSubmitter(scene.submitter, kill),
      };
      const wasKilled = await isKilled(creation(killable, FEW).growTo(wanted));
      await scene.closingUntil(creation({}).growTo(wanted));
      if (!wasKilled) break;
    }
    const rows = new ChannelPopulationRepository();
    const { known, population } = await scene.world.uow.runSystem('channel accounts', async (tx) => ({
      known: await new DatabaseIdentityRepository().knownSequences(tx),
      population: await rows.population(tx),
    }));
    expect(population).toMatchObject({ usable: wanted, missingOnLedger: 0 });
    const used = await Promise.all(known.map(({ address }) => scene.reader.account(address)));
    const unknown = used.filter(
      (account, index) => account === null || account.sequence > (known[index]?.sequence ?? 0n),
    );
    expect([known.length, unknown]).toEqual([wanted, []]);
    await paysAfterRestarts();
  });
});
