import { type Depth, readLogLag } from '../depths.read-model';
import type { EventProcessor } from '../event-processor';
import { EventServer, type EventServerOptions } from '../event-server';
import { LOG_CHANNEL, type SessionKeeper } from '../session-keeper';
import { Wakeable } from '../wakeable';
import { ensureConsumer, readHeads } from './event-log.repository';
import { PartitionOwnership } from './partition-ownership';
import { PartitionPool } from './partition-pool';

const SWEEP_EVERY_MS = 1_000;

/** Consumes the log in PostgreSQL. The keeper's session must be started by whoever made it. */
export class PostgresEventServer extends EventServer {
  private readonly pause = new Wakeable();
  private ownership: PartitionOwnership | null = null;
  private pool: PartitionPool | null = null;
  private looking: Promise<void> | null = null;

  constructor(
    options: EventServerOptions,
    private readonly keeper: SessionKeeper,
  ) {
    super(options);
    keeper.on(LOG_CHANNEL, () => this.pause.wake());
  }

  override async lag(): Promise<readonly Depth[]> {
    const { unit, group } = this.options;
    return await unit.runSystem('lag of a consumer', (tx) => readLogLag(tx, group));
  }

  override problems(): readonly string[] {
    return this.keeper.current === null ? ['no direct connection to PostgreSQL for events'] : [];
  }

  /** How many partitions this replica works on. */
  get partitionsOwned(): number {
    return this.ownership?.count ?? 0;
  }

  protected override async startConsuming(processor: EventProcessor): Promise<void> {
    const { unit, group, concurrency, logger } = this.options;
    const partitions = await unit.runSystem('rows of a consumer group', (tx) =>
      ensureConsumer(
        tx,
        group,
        processor.subscribed.flatMap(({ contract }) =>
          Array.from({ length: contract.partitions }, (_, partition) => ({
            topic: contract.topic,
            partition,
          })),
        ),
      ),
    );
    const pool = new PartitionPool({
      unit,
      processor,
      concurrency,
      logger,
      fencedOff: (lockId) => void ownership.release(lockId),
      retryAdded: this.retryAdded,
    });
    this.pool = pool;
    const ownership = new PartitionOwnership({ keeper: this.keeper, unit, worker: pool, logger });
    this.ownership = ownership;
    ownership.start(partitions);
    this.looking = this.lookForNews(pool, processor.topics);
  }

  protected override async stopConsuming(): Promise<void> {
    this.pause.wake();
    await this.looking;
    await this.ownership?.stop();
    this.pool?.stop();
  }

  private async lookForNews(pool: PartitionPool, topics: readonly string[]): Promise<void> {
    while (this.goesOn()) {
      try {
        const heads = await this.options.unit.runSystem('heads of the log', (tx) => readHeads(tx, topics));
        for (const { topic, partition, nextOffset } of heads) pool.grown(topic, partition, nextOffset);
      } catch (error) {
        this.options.logger.warn({ error }, 'the log cannot be looked at');
      }
      await this.pause.wait(SWEEP_EVERY_MS);
    }
  }
}
