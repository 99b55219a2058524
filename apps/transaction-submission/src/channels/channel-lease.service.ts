import type { ChannelAccountRepository, OwnedChannel } from '@libs/submissions';
import type { UnitOfWork } from '@libs/persistence';

import { ACTOR, type EngineContext } from '../engine-context';

const HEARTBEAT_EVERY_MS = 5_000;

/** Which channel accounts are ours: heartbeat, taking over from the silent, giving back. */
export class ChannelLeaseService {
  private timer: NodeJS.Timeout | null = null;

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
    for (const sessionsName of silent) {
      const ended = await this.uow.runSystem('end the sessions of a silent instance', (tx) =>
        this.channels.endSessions(tx, sessionsName),
      );
      logger.warn({ sessionsName, ended }, 'took over the channel accounts of a silent instance');
    }
  }

  async owned(): Promise<readonly OwnedChannel[]> {
    return await this.uow.runSystem('channel accounts of this instance', (tx) =>
      this.channels.owned(tx, this.context.instanceId),
    );
  }

  /** Gives everything back, so that the next instance need not wait for our heartbeat to grow old. */
  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.uow.runSystem('give channel accounts back', (tx) =>
      this.channels.releaseAll(tx, this.context.instanceId, ACTOR),
    );
  }

  private get uow(): UnitOfWork {
    return this.context.uow;
  }
}
