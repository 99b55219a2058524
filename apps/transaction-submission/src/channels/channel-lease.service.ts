import type { UnitOfWork } from '@libs/persistence';
import type { ChannelAccountRepository, InstanceRepository, OwnedChannel } from '@libs/submissions';

import { inParallel } from '../bounded';
import { ACTOR, type EngineContext } from '../engine-context';

const BEATS_PER_EXPIRY = 3;
const READS_AT_ONCE = 16;

export interface LeaseParts {
  readonly channels: ChannelAccountRepository;
  readonly instances: InstanceRepository;
  /** Others have declared this instance dead: it may write nothing more, and only a new process may go on. */
  readonly onDeclaredDead: () => void;
  /** The ledger has used sequence numbers of idle channel accounts that we do not know of. */
  readonly onForgotten: (addresses: readonly string[]) => Promise<void>;
}

/** Which channel accounts are ours: heartbeat, fair shares, taking over from the lost, giving back. */
export class ChannelLeaseService {
  private timer: NodeJS.Timeout | null = null;
  private registered = false;
  private dead = false;
  private surplus = 0;
  private usable = 0;
  private readonly synced = new Set<string>();

  constructor(
    private readonly context: EngineContext,
    private readonly parts: LeaseParts,
  ) {}

  /** Beats on its own timer, so that a long round does not look like a death. */
  start(): void {
    const beat = (): void => {
      this.beat().catch((error: unknown) => {
        this.context.logger.warn({ error }, 'the heartbeat could not be written');
      });
    };
    this.timer = setInterval(beat, (this.context.settings.expirySeconds * 1_000) / BEATS_PER_EXPIRY);
  }

  async beat(): Promise<void> {
    await this.register();
    const isLiving = await this.uow.runSystem('heartbeat of an instance', (tx) =>
      this.parts.instances.beat(tx, this.context.instanceId),
    );
    if (!isLiving) this.die();
  }

  /** True when others have declared this instance dead. */
  isDead(): boolean {
    return this.dead;
  }

  /** How many channel accounts can be used at all, by this instance or another. */
  get usableByAnybody(): number {
    return this.usable;
  }

  /** Takes our share of what is free or was left behind. The epochs are raised and committed before old sessions are ended. */
  async takeOver(): Promise<void> {
    await this.register();
    const { instanceId, logger } = this.context;
    const { instances, channels } = this.parts;
    const taken = await this.uow.runSystem('take over channel accounts', async (tx) => {
      if (!(await instances.isLiving(tx, instanceId))) return null;
      const lost = await instances.findLost(tx, instanceId);
      const { usable, surplus } = await channels.takeOver(tx, instanceId, {
        lost: lost.ids,
        living: lost.living,
        actor: ACTOR,
      });
      return { sessionsNames: lost.sessionsNames, usable, surplus };
    });
    if (taken === null) {
      this.die();
      return;
    }
    this.usable = taken.usable;
    this.surplus = taken.surplus;
    for (const sessionsName of taken.sessionsNames) {
      const ended = await this.uow.runSystem('end the sessions of a silent instance', (tx) =>
        instances.endSessions(tx, sessionsName),
      );
      logger.warn({ sessionsName, ended }, 'took over the channel accounts of a silent instance');
    }
  }

  /**
   * Our channel accounts. One that is idle is only among them once its sequence number was read from the ledger since we
   * took it: something else may have used it. From then on the number is kept here.
   */
  async owned({ readSequences }: { readonly readSequences: boolean }): Promise<readonly OwnedChannel[]> {
    const rows = await this.read();
    const ours = new Set(rows.map((one) => one.address));
    // What others had in the meantime, they may have used.
    for (const address of this.synced) if (!ours.has(address)) this.synced.delete(address);
    if (!readSequences) return rows;
    const idle = rows.filter((one) => one.liveAttempt === null && !this.synced.has(one.address));
    if (idle.length === 0) return rows;
    await this.readSequences(idle);
    const now = await this.read();
    return now.filter((one) => one.liveAttempt !== null || this.synced.has(one.address));
  }

  /** Gives idle ones above our share to the others. Returns what is left of `owned`. */
  async share(owned: readonly OwnedChannel[]): Promise<readonly OwnedChannel[]> {
    if (this.surplus === 0) return owned;
    const idle = owned.filter((one) => one.liveAttempt === null).slice(-this.surplus);
    if (idle.length === 0) return owned;
    const given = await this.uow.runSystem('channel accounts for another instance', (tx) =>
      this.parts.channels.giveBack(
        tx,
        this.context.instanceId,
        idle.map((one) => one.address),
        ACTOR,
      ),
    );
    this.surplus -= given.size;
    return owned.filter((one) => !given.has(one.address));
  }

  /** The sequence numbers of these are read again before they are used again. */
  distrust(addresses: readonly string[]): void {
    for (const address of addresses) this.synced.delete(address);
  }

  /** Gives everything back, so that the next instance need not wait for our heartbeat to grow old. */
  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    const { instanceId } = this.context;
    if (this.dead) return;
    await this.uow.runSystem('give channel accounts back', async (tx) => {
      await this.parts.channels.releaseAll(tx, instanceId, ACTOR);
      await this.parts.instances.remove(tx, instanceId);
    });
  }

  private async register(): Promise<void> {
    if (this.registered) return;
    const { instanceId: id, sessionsName, settings } = this.context;
    await this.uow.runSystem('an instance begins', (tx) =>
      this.parts.instances.register(tx, { id, sessionsName, expirySeconds: settings.expirySeconds }),
    );
    this.registered = true;
  }

  private die(): void {
    if (this.dead) return;
    this.dead = true;
    this.context.logger.fatal(
      { instanceId: this.context.instanceId },
      'this instance was silent for too long and others have taken over its work: it has to start anew',
    );
    this.parts.onDeclaredDead();
  }

  private async read(): Promise<readonly OwnedChannel[]> {
    return await this.uow.runSystem('channel accounts of this instance', (tx) =>
      this.parts.channels.owned(tx, this.context.instanceId),
    );
  }

  private async readSequences(idle: readonly OwnedChannel[]): Promise<void> {
    const { instanceId, reader, logger } = this.context;
    const { channels } = this.parts;
    const accounts = await inParallel(idle, READS_AT_ONCE, ({ address }) =>
      reader.account(address).catch((error: unknown) => {
        logger.warn({ error }, 'a channel account cannot be read and stays idle');
        return null;
      }),
    );
    const found = new Map(
      accounts.flatMap((one) => (one === null ? [] : [[one.address, one.sequence] as const])),
    );
    const { forgotten, agreed } = await this.uow.runSystem(
      'sequence numbers as the ledger has them',
      async (tx) => {
        // Others may have taken some of them while the ledger was asked, and used them: what for, those know.
        const ours = await channels.lockIdle(tx, instanceId, idle);
        const surprising = ours.filter(
          ({ address, known }) => known !== null && (found.get(address) ?? 0n) > known,
        );
        if (surprising.length > 0) return { forgotten: surprising.map(({ address }) => address), agreed: [] };
        const stillOurs = new Set(ours.map(({ address }) => address));
        const read = [...found].filter(([address]) => stillOurs.has(address));
        await channels.markOnLedger(tx, new Map(read));
        return { forgotten: [], agreed: read.map(([address]) => address) };
      },
    );
    for (const address of agreed) this.synced.add(address);
    if (forgotten.length > 0) await this.parts.onForgotten(forgotten);
  }

  private get uow(): UnitOfWork {
    return this.context.uow;
  }
}
