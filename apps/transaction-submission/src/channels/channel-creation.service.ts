import { type AccountKey, ownKeyOf } from '@libs/ledger';
import {
  type ChannelAccountRepository,
  type ChannelPopulationRepository,
  CHANNELS_MAX,
} from '@libs/submissions';

import type { SetupService } from '../accounts/setup.service';
import { inParallel } from '../bounded';
import { ACTOR, type EngineContext } from '../engine-context';
import type { LedgerKeys } from '../keys/ledger-keys.port';

/** Each new account signs, the source and the sponsor too, and a ledger transaction bears twenty signatures. */
const FITTING = { host: 19, channel: 18 };
const AT_ONCE_MAX = 16;
const ROUNDS_MAX = 40;

/** Makes channel accounts, sponsored by the host account. May be run any number of times, and killed at any point. */
export class ChannelCreationService {
  constructor(
    private readonly context: EngineContext,
    private readonly parts: {
      readonly channels: ChannelAccountRepository;
      readonly population: ChannelPopulationRepository;
      readonly keys: LedgerKeys;
      readonly setup: SetupService;
      /** How many accounts one ledger transaction makes; as many as fit when it is left out. */
      readonly perTransaction?: { readonly host: number; readonly channel: number };
    },
  ) {}

  /** Plans and creates until there are as many as `wanted`. Returns how many were created. */
  async growTo(wanted: number): Promise<number> {
    await this.storeKeys(wanted);
    const created = new Map<string, bigint>();
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const missing = await this.missing(created);
      if (missing.length === 0) break;
      await this.createSome(missing, created);
    }
    await this.markCreated(created);
    return created.size;
  }

  /** Keys are committed before an account can exist: an account without its key would be lost. */
  private async storeKeys(wanted: number): Promise<void> {
    const { population, keys } = this.parts;
    const { uow, logger } = this.context;
    const lacking =
      wanted -
      (await uow.runSystem('how many channel accounts there are', (tx) => population.lockAndCount(tx)));
    if (lacking <= 0) return;
    const fresh = await keys.make({ purpose: 'channel', count: lacking });
    const made = await uow.runSystem('new channel accounts', async (tx) => {
      // Another instance may have planned some meanwhile: then keys are left over, which harm nobody.
      const still = wanted - (await population.lockAndCount(tx));
      const planned = fresh.slice(0, Math.max(0, still));
      if (planned.length > 0) await population.insert(tx, planned, ACTOR);
      return planned.length;
    });
    if (made > 0) logger.info({ made }, 'new channel accounts are planned');
  }

  /** Addresses without an account; those that have one by now are added to `created`. */
  private async missing(created: Map<string, bigint>): Promise<readonly string[]> {
    const { population } = this.parts;
    const { uow, reader } = this.context;
    const planned = await uow.runSystem('channel accounts that are not on the ledger yet', (tx) =>
      population.missingOnLedger(tx, CHANNELS_MAX),
    );
    const unknown = planned.filter((address) => !created.has(address));
    const accounts = await inParallel(unknown, AT_ONCE_MAX, (address) => reader.account(address));
    for (const account of accounts) if (account !== null) created.set(account.address, account.sequence);
    return unknown.filter((address) => !created.has(address));
  }

  /**
   * The host account can have one ledger transaction per ledger, so accounts that exist by now, and that nobody leases
   * before they are marked, are the sources of further ones.
   */
  private async createSome(missing: readonly string[], created: ReadonlyMap<string, bigint>): Promise<void> {
    const { keys, setup, channels } = this.parts;
    const { host, channel } = this.parts.perTransaction ?? FITTING;
    const left = [...missing];
    const helpers = [...created.keys()].map(ownKeyOf);
    const batches: { readonly source: AccountKey; readonly accounts: readonly string[] }[] = [];
    batches.push({ source: keys.host, accounts: left.splice(0, host) });
    for (const source of helpers.slice(0, AT_ONCE_MAX - 1)) {
      if (left.length === 0) break;
      batches.push({ source, accounts: left.splice(0, channel) });
    }
    const outcomes = await inParallel(batches, AT_ONCE_MAX, async ({ source, accounts }) =>
      setup.run({
        source,
        feePayer: keys.host,
        operations: accounts.map((account) => ({
          kind: 'create-sponsored-account',
          account,
          sponsor: keys.host,
        })),
        beforeUse: (sequence) =>
          this.context.uow.runSystem('a sequence number for new channel accounts', (tx) =>
            channels.willUse(tx, source.account, sequence),
          ),
      }),
    );
    const problem = outcomes.find((one) => one.kind === 'failed' || one.kind === 'refused');
    if (problem !== undefined && 'codes' in problem) {
      const codes = [...new Set(problem.codes)];
      this.context.logger.error({ codes }, 'channel accounts could not be created');
      if (outcomes.every((one) => one.kind !== 'done')) {
        throw new Error(
          `the host account ${keys.host.account} cannot create channel accounts: ${codes.join(', ')}`,
        );
      }
    }
  }

  private async markCreated(created: ReadonlyMap<string, bigint>): Promise<void> {
    if (created.size === 0) return;
    const { uow, reader, logger } = this.context;
    // Some were sources meanwhile: their sequence numbers are read again.
    const accounts = await inParallel([...created.keys()], AT_ONCE_MAX, (address) => reader.account(address));
    const known = new Map(
      accounts.flatMap((one) => (one === null ? [] : [[one.address, one.sequence] as const])),
    );
    await uow.runSystem('channel accounts that are on the ledger', (tx) =>
      this.parts.channels.markOnLedger(tx, known),
    );
    logger.info({ created: known.size }, 'channel accounts are ready');
  }
}
