import type { Logger } from '@libs/observability';
import type { DirectSession, UnitOfWork } from '@libs/persistence';

import { MEMBERS_CHANNEL, type SessionKeeper } from '../session-keeper';
import { Wakeable } from '../wakeable';
import { type ConsumerPartition, type Position, takeOver } from './event-log.repository';
import { fairShare } from './fair-share';

/** A partition for as long as this process owns it. */
export interface Ownership {
  readonly partition: ConsumerPartition;
  readonly position: Position;
  /** To be asked before each event: false at once when the session that holds the lock is lost. */
  readonly holds: () => boolean;
}

/** What works on owned partitions. */
export interface PartitionWorker {
  take(ownership: Ownership): void;
  /** Resolves when nothing of the partition is being worked on any more. */
  giveBack(lockId: number): Promise<void>;
}

export interface PartitionOwnershipOptions {
  readonly keeper: SessionKeeper;
  readonly unit: UnitOfWork;
  readonly worker: PartitionWorker;
  readonly logger: Logger;
}

const LOOK_EVERY_MS = 1_000;
const MEMBER_LOCK = 7_310_554;
const PARTITION_LOCK = 7_310_555;

interface Owned {
  readonly session: DirectSession;
  /** Set while it is being given back. */
  releasing: Promise<void> | null;
}

/**
 * Which partitions this replica works on. Members of a group are the sessions that share the lock of a topic; each
 * computes its fair share, gives back what is not its own and takes what is, as it becomes free.
 */
export class PartitionOwnership {
  private readonly owned = new Map<number, Owned>();
  private readonly pause = new Wakeable();
  private partitions: readonly ConsumerPartition[] = [];
  private joinedOn: DirectSession | null = null;
  private running: Promise<void> | null = null;
  private stopped = false;

  constructor(private readonly options: PartitionOwnershipOptions) {
    options.keeper.on(MEMBERS_CHANNEL, () => this.pause.wake());
  }

  get count(): number {
    return [...this.owned.values()].filter(({ session }) => session.isAlive()).length;
  }

  start(partitions: readonly ConsumerPartition[]): void {
    this.partitions = partitions;
    this.running ??= this.run();
  }

  /** Gives everything back, so that the other replicas need not wait for the end of this session. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.pause.wake();
    await this.running;
    await this.leave();
    await Promise.all([...this.owned.keys()].map((lockId) => this.release(lockId)));
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      await this.look().catch((error: unknown) => {
        this.options.logger.warn({ error }, 'the share of partitions could not be looked at');
      });
      await this.pause.wait(LOOK_EVERY_MS);
    }
  }

  private async look(): Promise<void> {
    this.forgetLost();
    const session = this.options.keeper.current;
    if (session === null) return;
    if (this.joinedOn !== session) await this.join(session);
    const mine = await this.shareOn(session);
    // Not awaited: an event that takes long must not keep this replica from taking what is its own.
    for (const lockId of this.owned.keys()) if (!mine.has(lockId)) void this.release(lockId);
    await this.acquire(
      session,
      [...mine].filter((lockId) => !this.owned.has(lockId)),
    );
  }

  private forgetLost(): void {
    for (const [lockId, { session }] of this.owned) {
      if (session.isAlive()) continue;
      this.owned.delete(lockId);
      void this.options.worker.giveBack(lockId);
    }
  }

  /** The first partition of a topic lends its number to the lock that the members of the topic share. */
  private topicLocks(): Map<string, number> {
    return new Map(
      this.partitions.filter(({ partition }) => partition === 0).map(({ topic, lockId }) => [topic, lockId]),
    );
  }

  private async join(session: DirectSession): Promise<void> {
    await session.query(`SELECT pg_advisory_lock_shared(${MEMBER_LOCK}, id) FROM unnest($1::int[]) AS id`, [
      [...this.topicLocks().values()],
    ]);
    this.joinedOn = session;
    await this.tellMembers(session);
  }

  private async leave(): Promise<void> {
    const session = this.joinedOn;
    if (session?.isAlive() !== true) return;
    await session
      .query(`SELECT pg_advisory_unlock_shared(${MEMBER_LOCK}, id) FROM unnest($1::int[]) AS id`, [
        [...this.topicLocks().values()],
      ])
      .catch(() => session.close());
  }

  private async shareOn(session: DirectSession): Promise<Set<number>> {
    const locks = this.topicLocks();
    const rows = await session.query<{ id: number; pid: number; me: number }>(
      `SELECT objid::int AS id, pid, pg_backend_pid() AS me FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND classid = ${MEMBER_LOCK} AND objid::int = ANY ($1::int[])
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [[...locks.values()]],
    );
    const share = new Set<number>();
    for (const [topic, lock] of locks) {
      const members = rows.filter(({ id }) => id === lock);
      const lockIds = this.partitions.filter((one) => one.topic === topic).map((one) => one.lockId);
      const mine = fairShare(
        lockIds,
        members.map(({ pid }) => pid),
        { me: members[0]?.me ?? 0, first: lock },
      );
      for (const lockId of mine) share.add(lockId);
    }
    return share;
  }

  private async acquire(session: DirectSession, lockIds: readonly number[]): Promise<void> {
    if (lockIds.length === 0 || this.stopped) return;
    const rows = await session.query<{ id: number; got: boolean }>(
      `SELECT id, pg_try_advisory_lock(${PARTITION_LOCK}, id) AS got FROM unnest($1::int[]) AS id`,
      [lockIds],
    );
    const got = rows.filter((row) => row.got).map((row) => row.id);
    if (got.length === 0) return;
    const positions = await this.options.unit
      .runSystem('new owner of partitions', (tx) => takeOver(tx, got))
      .catch(async (error: unknown) => {
        await this.unlock(session, got);
        throw error;
      });
    for (const position of positions) {
      const partition = this.partitions.find((one) => one.lockId === position.lockId);
      if (partition === undefined) continue;
      const state: Owned = { session, releasing: null };
      this.owned.set(position.lockId, state);
      this.options.worker.take({
        partition,
        position,
        holds: () =>
          state.releasing === null && this.owned.get(position.lockId) === state && session.isAlive(),
      });
    }
  }

  /** Gives one partition back: to another replica's share, or because its commit was fenced off. */
  async release(lockId: number): Promise<void> {
    const state = this.owned.get(lockId);
    if (state === undefined) return;
    state.releasing ??= this.letGo(lockId, state.session);
    await state.releasing;
  }

  private async letGo(lockId: number, session: DirectSession): Promise<void> {
    await this.options.worker.giveBack(lockId);
    this.owned.delete(lockId);
    await this.unlock(session, [lockId]);
    await this.tellMembers(session);
  }

  private async unlock(session: DirectSession, lockIds: readonly number[]): Promise<void> {
    if (!session.isAlive()) return;
    await session
      .query(`SELECT pg_advisory_unlock(${PARTITION_LOCK}, id) FROM unnest($1::int[]) AS id`, [lockIds])
      .catch(() => session.close());
  }

  private async tellMembers(session: DirectSession): Promise<void> {
    if (session.isAlive())
      await session.query(`SELECT pg_notify('${MEMBERS_CHANNEL}', '')`).catch(() => undefined);
  }
}
