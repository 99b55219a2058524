import { ownKeyOf } from '@libs/ledger';
import {
  type ChannelAccountRepository,
  type ChannelPopulationRepository,
  CHANNELS_MAX,
} from '@libs/submissions';

import type { SetupService } from '../accounts/setup.service';
import { inBatches, inParallel } from '../bounded';
import { ACTOR, type EngineContext } from '../engine-context';
import type { LedgerKeys } from '../keys/ledger-keys.port';

/** Each account that is merged signs, and a ledger transaction bears twenty signatures. */
const PER_TRANSACTION = 20;
const AT_ONCE_MAX = 16;
/** Longer than the envelope that creates an account can live: after it, one that is not there will never be. */
const CREATION_SECONDS_MAX = 180;

/**
 * Merges channel accounts that are out of service into the host account, which gets its reserve back. Only those without a
 * live attempt; each step asks the ledger first, so it may be killed at any point and run again.
 */
export class ChannelRetirementService {
  constructor(
    private readonly context: EngineContext,
    private readonly parts: {
      readonly channels: ChannelAccountRepository;
      readonly population: ChannelPopulationRepository;
      readonly keys: LedgerKeys;
      readonly setup: SetupService;
    },
  ) {}

  /** One round over all that can be merged. Returns how many are retired now. */
  async retireDrained(): Promise<number> {
    const { uow } = this.context;
    const drained = await uow.runSystem('channel accounts to be merged', (tx) =>
      this.parts.population.drained(tx, CHANNELS_MAX),
    );
    if (drained.length === 0) return 0;
    const there = await this.onLedger(drained.map(({ address }) => address));
    await inParallel(inBatches(there, PER_TRANSACTION), AT_ONCE_MAX, (batch) => this.merge(batch));
    const left = new Set(await this.onLedger(drained.map(({ address }) => address)));
    const gone = drained
      .filter(({ address, onLedger, idleSeconds }) => {
        // One that was never seen may still be created by an envelope that is under way.
        return (
          !left.has(address) && (onLedger || there.includes(address) || idleSeconds > CREATION_SECONDS_MAX)
        );
      })
      .map(({ address }) => address);
    if (gone.length === 0) return 0;
    return await uow.runSystem('channel accounts that are merged', (tx) =>
      this.parts.population.retire(tx, gone, ACTOR),
    );
  }

  /** Those among these that have an account, as a node that has seen the newest ledger says. */
  private async onLedger(addresses: readonly string[]): Promise<readonly string[]> {
    const { reader } = this.context;
    const { sequence: notBefore } = await reader.latestLedger();
    const accounts = await inParallel(addresses, AT_ONCE_MAX, (address) =>
      reader.account(address, { notBefore }),
    );
    return accounts.flatMap((one) => (one === null ? [] : [one.address]));
  }

  /** All at once; when the ledger will not have it, one by one, so that one bad account does not keep the others. */
  private async merge(batch: readonly string[]): Promise<void> {
    const [source, ...others] = batch;
    if (source === undefined) return;
    const { keys, setup, channels } = this.parts;
    const outcome = await setup.run({
      source: ownKeyOf(source),
      feePayer: keys.host,
      // The source last: the ledger transaction is its own.
      operations: [...others, source].map((account) => ({
        kind: 'merge-account',
        account: ownKeyOf(account),
        into: keys.host.account,
      })),
      beforeUse: (sequence) =>
        this.context.uow.runSystem('a sequence number to merge channel accounts', (tx) =>
          channels.willUse(tx, source, sequence),
        ),
    });
    if (outcome.kind === 'done' || outcome.kind === 'expired') return;
    if (batch.length > 1) {
      for (const one of batch) await this.merge([one]);
      return;
    }
    this.context.logger.error(
      { account: source, codes: outcome.codes },
      'a channel account cannot be merged: look at it with "npm run channel-accounts -- verify"',
    );
  }
}
