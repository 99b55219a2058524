import type { ChannelAccountRepository, OwnedChannel } from '@libs/submissions';
import type { UnitOfWork } from '@libs/persistence';

import { inParallel } from '../bounded';
import { ACTOR, type EngineContext } from '../engine-context';

const HEARTBEAT_EVERY_MS = 5_000;
const READS_AT_ONCE = 16;

/** Which channel accounts are ours: heartbeat, taking over from the silent, giving back. */
export class ChannelLeaseService {
  private timer: NodeJS.Timeout | null = null;
  private readonly synced = new Set<string>();

  constructor(
    private readonly context: EngineContext,
    private readonly channels: ChannelAccountRepository,
  ) {}

  /** Beats on its own timer, so that a long round does not look like a death. */
  start(): void {
    const beat = (): void => {
      this.beat().catch((error: unknown) => {
        this.context.logger.warn({ error }, 'the heartbeat could not be written');
      });
    };
    this.timer = setInterval(beat, HEARTBEAT_EVERY_MS);
  }

  async beat(): Promise<void> {
    const { instanceId, sessionsName } = this.context;
    await this.uow.runSystem('heartbeat of an instance', (tx) =>
      this.channels.heartbeat(tx, instanceId, sessionsName),
    );
  }

  /** Takes what is free or was left behind. The epochs are raised and committed before an old owner's sessions are ended. */
  async takeOver(): Promise<void> {
    const { instanceId, logger } = this.context;
    const silent = await this.uow.runSystem('take over channel accounts', (tx) =>
      this.channels.takeOver(tx, instanceId, ACTOR),
    );
    // Whatever changed hands, what we believed about it may be old.
    if (silent.length > 0) this.synced.clear();
    for (const sessionsName of silent) {
      const ended = await this.uow.runSystem('end the sessions of a silent instance', (tx) =>
        this.channels.endSessions(tx, sessionsName),
      );
      logger.warn({ sessionsName, ended }, 'took over the channel accounts of a silent instance');
    }
  }

  /**
   * Our channel accounts. One that is idle is only among them once its sequence number was read from the ledger since we
   * took it: something else may have used it.
   */
  async owned({ readSequences }: { readonly readSequences: boolean }): Promise<readonly OwnedChannel[]> {
    const rows = await this.read();
    if (!readSequences) return rows;
    const idle = rows.filter((one) => one.liveAttempt === null && !this.synced.has(one.address));
    if (idle.length === 0) return rows;
    await this.readSequences(idle.map((one) => one.address));
    const now = await this.read();
    return now.filter((one) => one.liveAttempt !== null || this.synced.has(one.address));
  }

  /** The sequence numbers of these are read again before they are used again. */
  distrust(addresses: readonly string[]): void {
    for (const address of addresses) this.synced.delete(address);
  }

  /** Gives everything back, so that the next instance need not wait for our heartbeat to grow old. */
  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.uow.runSystem('give channel accounts back', (tx) =>
      this.channels.releaseAll(tx, this.context.instanceId, ACTOR),
    );
  }

  private async read(): Promise<readonly OwnedChannel[]> {
    return await this.uow.runSystem('channel accounts of this instance', (tx) =>
      this.channels.owned(tx, this.context.instanceId),
    );
  }

  private async readSequences(addresses: readonly string[]): Promise<void> {
    const { reader, logger } = this.context;
    const accounts = await inParallel(addresses, READS_AT_ONCE, (address) =>
      reader.account(address).catch((error: unknown) => {
        logger.warn({ error }, 'a channel account cannot be read and stays idle');
        return null;
      }),
    );
    const found = new Map(
      accounts.flatMap((one) => (one === null ? [] : [[one.address, one.sequence] as const])),
    );
    await this.uow.runSystem('sequence numbers as the ledger has them', (tx) =>
      this.channels.markOnLedger(tx, found),
    );
    for (const address of found.keys()) this.synced.add(address);
  }

  private get uow(): UnitOfWork {
    return this.context.uow;
  }
}
