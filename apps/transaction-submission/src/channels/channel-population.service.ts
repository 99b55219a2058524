import type {
  ChannelMaintenanceLock,
  ChannelPopulation,
  ChannelPopulationRepository,
} from '@libs/submissions';

import { ACTOR, type EngineContext } from '../engine-context';
import type { ChannelCreationService } from './channel-creation.service';
import type { ChannelRetirementService } from './channel-retirement.service';

/** Nothing is to be done: as many as wanted are on the ledger, and none waits to be merged. */
export const isSettled = (one: ChannelPopulation): boolean =>
  one.usable === one.wanted && one.missingOnLedger === 0 && one.drained === 0;

/** Keeps as many channel accounts as are wanted, while the app runs: makes some, or takes some out of service and merges them. */
export class ChannelPopulationService {
  private adopted = false;

  constructor(
    private readonly context: EngineContext,
    private readonly parts: {
      readonly population: ChannelPopulationRepository;
      readonly creation: ChannelCreationService;
      readonly retirement: ChannelRetirementService;
      readonly lock: ChannelMaintenanceLock;
    },
  ) {}

  /** Looks whether something is to be done, and does it unless another process is at it. Returns whether numbers changed. */
  async keepUp(): Promise<boolean> {
    await this.adoptSetting();
    const before = await this.population();
    if (isSettled(before)) return false;
    return await this.parts.lock.tryWith(() => this.converge());
  }

  /** One round: plan, create, drain, merge. The caller holds the maintenance lock. */
  async converge(): Promise<void> {
    const { population, creation, retirement } = this.parts;
    const { uow, logger } = this.context;
    const { wanted } = await this.population();
    const drained = await uow.runSystem('channel accounts above the wanted number', async (tx) => {
      const surplus = (await population.lockAndCount(tx)) - wanted;
      return surplus > 0 ? await population.drain(tx, surplus, ACTOR) : [];
    });
    if (drained.length > 0) logger.info({ drained: drained.length }, 'channel accounts are out of service');
    await creation.growTo(wanted);
    const retired = await retirement.retireDrained();
    if (retired > 0) logger.info({ retired }, 'channel accounts are merged');
  }

  async population(): Promise<ChannelPopulation> {
    return await this.context.uow.runSystem('how many channel accounts there are', (tx) =>
      this.parts.population.population(tx),
    );
  }

  /** Once per process: a number that a person chose since then counts until the setting is changed. */
  private async adoptSetting(): Promise<void> {
    if (this.adopted) return;
    const { uow, settings } = this.context;
    await uow.runSystem('how many channel accounts the settings ask for', (tx) =>
      this.parts.population.adoptSetting(tx, settings.channelAccounts, ACTOR),
    );
    this.adopted = true;
  }
}
