import type { Logger } from '@libs/observability';
import type { UnitOfWork } from '@libs/persistence';

import type { EventProcessor } from '../event-processor';
import { commitOffsets, type LoggedEvent, readLog } from './event-log.repository';
import type { Ownership, PartitionWorker } from './partition-ownership';

export interface PartitionPoolOptions {
  readonly unit: UnitOfWork;
  readonly processor: EventProcessor;
  /** How many partitions are worked on at once. */
  readonly concurrency: number;
  readonly logger: Logger;
  /** Another owner was faster: the partition must be given back. */
  readonly fencedOff: (lockId: number) => void;
  /** An event was put aside for a retry. */
  readonly retryAdded: () => void;
}

interface OwnedPartition {
  readonly ownership: Ownership;
  next: bigint;
  committed: bigint;
  running: Promise<void> | null;
  again: boolean;
  /** How often in a row the database was away while the next event was handled. */
  outages: number;
  /** Before this offset events are handled one by one: the database was away while several were handled together. */
  singlyUntil: bigint;
  timer: NodeJS.Timeout | null;
}

const BATCH = 200;
const COMMIT_EVERY_MS = 500;
const AFTER_OUTAGE_MS = 250;
const OUTAGES_BEFORE_BLAME = 20;

/** Reads owned partitions, each in order, several at once, and lets their offsets follow in batches. */
export class PartitionPool implements PartitionWorker {
  private readonly owned = new Map<number, OwnedPartition>();
  private readonly ready = new Set<OwnedPartition>();
  private running = 0;

  private readonly committer: NodeJS.Timeout;

  constructor(private readonly options: PartitionPoolOptions) {
    this.committer = setInterval(() => void this.commit([...this.owned.values()]), COMMIT_EVERY_MS);
  }

  /** After everything was given back. */
  stop(): void {
    clearInterval(this.committer);
  }

  take(ownership: Ownership): void {
    const { nextOffset } = ownership.position;
    const owned: OwnedPartition = {
      ownership,
      next: nextOffset,
      committed: nextOffset,
      running: null,
      again: false,
      outages: 0,
      singlyUntil: nextOffset,
      timer: null,
    };
    this.owned.set(ownership.partition.lockId, owned);
    this.wake(owned);
  }

  async giveBack(lockId: number): Promise<void> {
    const owned = this.owned.get(lockId);
    if (owned === undefined) return;
    this.owned.delete(lockId);
    this.ready.delete(owned);
    if (owned.timer !== null) clearTimeout(owned.timer);
    await owned.running;
    await this.commit([owned]);
  }

  /** The log of a partition has grown up to this offset. */
  grown(topic: string, partition: number, nextOffset: bigint): void {
    for (const owned of this.owned.values()) {
      const { topic: ownTopic, partition: ownPartition } = owned.ownership.partition;
      if (ownTopic === topic && ownPartition === partition && owned.next < nextOffset) this.wake(owned);
    }
  }

  private wake(owned: OwnedPartition): void {
    if (owned.running === null) this.ready.add(owned);
    else owned.again = true;
    this.pump();
  }

  private pump(): void {
    for (const owned of this.ready) {
      if (this.running >= this.options.concurrency) return;
      this.ready.delete(owned);
      this.running += 1;
      owned.again = false;
      owned.running = this.work(owned).finally(() => {
        this.running -= 1;
        owned.running = null;
        if (owned.again && owned.ownership.holds()) this.ready.add(owned);
        this.pump();
      });
    }
  }

  private async work(owned: OwnedPartition): Promise<void> {
    try {
      const { partition, holds } = owned.ownership;
      if (!holds()) return;
      const events = await this.options.unit.runSystem('read the log', (tx) =>
        readLog(tx, partition, { from: owned.next, limit: BATCH }),
      );
      await this.handle(owned, events);
      // A full batch means that more may wait, behind the other partitions that are ready.
      if (events.length === BATCH) owned.again = true;
    } catch (error) {
      owned.outages += 1;
      this.options.logger.warn({ error, ...owned.ownership.partition }, 'a partition pauses');
      owned.timer = setTimeout(() => this.wake(owned), AFTER_OUTAGE_MS);
    }
  }

  private async handle(owned: OwnedPartition, events: readonly LoggedEvent[]): Promise<void> {
    const { processor, retryAdded } = this.options;
    const singly = events.filter(({ offset }) => offset < owned.singlyUntil);
    for (const event of singly) {
      if (!owned.ownership.holds()) return;
      const result = await processor.process(event, { blame: owned.outages >= OUTAGES_BEFORE_BLAME });
      owned.outages = 0;
      owned.next = event.offset + 1n;
      if (result === 'failed' || result === 'waiting') retryAdded();
    }
    const rest = events.slice(singly.length);
    try {
      await processor.processBatch(rest, {
        goOn: () => owned.ownership.holds(),
        passed: ({ offset }) => (owned.next = offset + 1n),
        putAside: retryAdded,
      });
    } catch (error) {
      const last = rest.at(-1);
      if (last !== undefined) owned.singlyUntil = last.offset + 1n;
      throw error;
    }
  }

  /** Lets the stored offsets follow what was handled. Behind is no harm: the inbox turns second deliveries away. */
  private async commit(partitions: readonly OwnedPartition[]): Promise<void> {
    const behind = partitions
      .filter(({ next, committed }) => next !== committed)
      .map((owned) => ({ owned, position: { ...owned.ownership.position, nextOffset: owned.next } }));
    if (behind.length === 0) return;
    try {
      const committed = await this.options.unit.runSystem('consumer offsets', (tx) =>
        commitOffsets(
          tx,
          behind.map(({ position }) => position),
        ),
      );
      for (const { owned, position } of behind) {
        if (committed.has(position.lockId)) owned.committed = position.nextOffset;
        // One that was given back already may be owned anew by now, with another epoch.
        else if (this.owned.get(position.lockId) === owned) this.options.fencedOff(position.lockId);
      }
    } catch (error) {
      this.options.logger.warn({ error }, 'offsets are not committed now');
    }
  }
}
