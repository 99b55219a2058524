import {
  type Admin,
  type Consumer,
  type EachBatchPayload,
  type IHeaders,
  type Kafka,
  type KafkaMessage,
} from 'kafkajs';

import { asError } from '../as-error';
import type { Course } from '../batch-processor';
import type { KafkaBrokerOptions } from '../broker-options';
import type { Depth } from '../depths.read-model';
import type { EventProcessor } from '../event-processor';
import { type EventHeaders, type EventRecord, storable } from '../event-record';
import { EventServer, type EventServerOptions } from '../event-server';
import { OutageError } from '../eventing.errors';
import { Wakeable } from '../wakeable';
import { kafkaClient } from './kafka-client';
import { OffsetCommits } from './offset-commits';
import { LifeSigns, within } from './patience';
import { topicProblems } from './topics';

const SESSION_TIMEOUT_MS = 10_000;
const REBALANCE_TIMEOUT_MS = 15_000;
const HEARTBEAT_EVERY_MS = 1_000;
const FETCH_WAIT_MS = 500;
/** Longer than the client takes to try everything that it tries by itself. */
const SILENCE_MS = 60_000;
const CONNECT_WITHIN_MS = 120_000;
const DISCONNECT_WITHIN_MS = 30_000;
const AFTER_FAILURE_MS = 1_000;
const AFTER_OUTAGE_MS = 250;
const OUTAGES_BEFORE_BLAME = 20;

/** Consumes Kafka topics. A broker that is away is waited for; `problems` says so meanwhile. */
export class KafkaEventServer extends EventServer {
  private readonly kafka: Kafka;
  private readonly pause = new Wakeable();
  private running: Promise<void> | null = null;
  private consumer: Consumer | null = null;
  private admin: Admin | null = null;
  private commits: OffsetCommits | null = null;
  private life: LifeSigns | null = null;
  private problem: string | null = 'not yet connected to Kafka';

  constructor(
    options: EventServerOptions,
    private readonly broker: KafkaBrokerOptions,
  ) {
    super(options);
    this.kafka = kafkaClient(broker, options.group, options.logger);
  }

  override problems(): readonly string[] {
    return this.problem === null || this.topics.length === 0 ? [] : [this.problem];
  }

  override async lag(): Promise<readonly Depth[]> {
    const { admin, topics } = this;
    if (topics.length === 0) return [];
    if (admin === null) throw new Error(this.problem ?? 'not connected to Kafka');
    const { group } = this.options;
    const committed = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
    return await Promise.all(
      committed.map(async ({ topic, partitions }) => {
        const heads = await admin.fetchTopicOffsets(topic);
        const depth = heads.reduce((sum, head) => {
          const offset = partitions.find(({ partition }) => partition === head.partition)?.offset ?? '-1';
          // A partition that was never committed is read from its start.
          return sum + Number(BigInt(head.high) - BigInt(offset === '-1' ? head.low : offset));
        }, 0);
        return { consumer: group, topic, depth };
      }),
    );
  }

  protected override async startConsuming(processor: EventProcessor): Promise<void> {
    this.running ??= this.keepConsuming(processor);
    await Promise.resolve();
  }

  protected override async stopConsuming(): Promise<void> {
    this.pause.wake();
    await this.running;
  }

  private async keepConsuming(processor: EventProcessor): Promise<void> {
    while (this.goesOn()) {
      try {
        await within(CONNECT_WITHIN_MS, 'connecting to Kafka', this.connect(processor));
        const crashed = this.crash();
        this.problem = null;
        await Promise.race([this.untilStopped(), crashed, ...this.lost()]);
      } catch (error) {
        this.problem = `Kafka: ${asError(error).message}`;
        this.options.logger.warn({ error }, 'events are not consumed: Kafka cannot be used');
      }
      await this.disconnect();
      if (this.goesOn()) await this.pause.wait(AFTER_FAILURE_MS);
    }
  }

  private async connect(processor: EventProcessor): Promise<void> {
    const admin = this.kafka.admin();
    this.admin = admin;
    await admin.connect();
    const problems = await topicProblems(
      admin,
      processor.subscribed.map(({ contract }) => contract),
    );
    if (problems.length > 0) throw new Error(problems.join('; '));
    // It took so long that it was given up meanwhile.
    if (this.admin !== admin) throw new Error('another connection was begun');
    const sessionTimeout = this.broker.sessionTimeoutMs ?? SESSION_TIMEOUT_MS;
    const consumer = this.kafka.consumer({
      groupId: this.options.group,
      sessionTimeout,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: Math.min(HEARTBEAT_EVERY_MS, sessionTimeout / 4),
      maxWaitTimeInMs: FETCH_WAIT_MS,
      allowAutoTopicCreation: false,
      retry: {
        initialRetryTime: 100,
        maxRetryTime: 1_000,
        retries: 10,
        restartOnFailure: async () => this.goesOn(),
      },
    });
    this.consumer = consumer;
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.topics], fromBeginning: true });
    const commits = new OffsetCommits(consumer, this.options.logger);
    this.commits = commits;
    this.life = new LifeSigns(consumer, this.broker.silenceMs ?? SILENCE_MS);
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.options.concurrency,
      eachBatch: (payload) => this.eachBatch(processor, commits, payload),
    });
  }

  /** Rejects when the consumer ends for good; what it can mend itself, it restarts. */
  private async crash(): Promise<void> {
    const { consumer } = this;
    await new Promise<void>((_, reject) => {
      consumer?.on(consumer.events.CRASH, ({ payload }) => {
        this.problem = `Kafka: ${payload.error.message}`;
        if (!payload.restart) reject(payload.error);
      });
      consumer?.on(consumer.events.GROUP_JOIN, () => {
        this.problem = null;
      });
    });
  }

  private lost(): readonly Promise<never>[] {
    return this.life === null ? [] : [this.life.lost];
  }

  private async untilStopped(): Promise<void> {
    while (this.goesOn()) await this.pause.wait(60_000);
  }

  private async disconnect(): Promise<void> {
    const { consumer, admin, commits, life } = this;
    this.consumer = null;
    this.admin = null;
    this.commits = null;
    this.life = null;
    life?.stop();
    commits?.stop();
    const parting = async (): Promise<void> => {
      await commits?.flush();
      // Waits for the batches that are being handled.
      await consumer?.disconnect().catch(() => undefined);
      await admin?.disconnect().catch(() => undefined);
    };
    await within(DISCONNECT_WITHIN_MS, 'leaving Kafka', parting()).catch((error: unknown) => {
      this.options.logger.warn({ error }, 'a connection to Kafka is left open');
    });
  }

  private async eachBatch(
    processor: EventProcessor,
    commits: OffsetCommits,
    payload: EachBatchPayload,
  ): Promise<void> {
    const { topic, partition } = payload.batch;
    const records = payload.batch.messages.map((message) => recordOf(payload.batch, message));
    const beat = new Heartbeat(payload);
    const goOn = (): boolean => this.goesOn() && payload.isRunning() && !payload.isStale() && !beat.failed;
    try {
      const passed = ({ offset }: KafkaRecord): void => {
        payload.resolveOffset(offset);
        commits.handled(topic, partition, BigInt(offset) + 1n);
      };
      for (const record of await this.handleTogether(processor, records, { goOn, passed })) {
        if (!goOn() || !(await this.handle(processor, record, goOn))) break;
        passed(record);
      }
    } finally {
      beat.stop();
      // Before this replica leaves the group, so that the next owner need not pass these events again.
      if (!this.goesOn()) await commits.flush();
    }
    beat.rethrow();
  }

  /** Returns what is to be delivered one by one, after an outage. */
  private async handleTogether(
    processor: EventProcessor,
    records: readonly KafkaRecord[],
    { goOn, passed }: Omit<Course<KafkaRecord>, 'putAside'>,
  ): Promise<readonly KafkaRecord[]> {
    let rest = records;
    try {
      await processor.processBatch(records, {
        goOn,
        passed: (record) => {
          rest = records.slice(records.indexOf(record) + 1);
          passed(record);
        },
        putAside: this.retryAdded,
      });
      return [];
    } catch (error) {
      if (!(error instanceof OutageError)) throw error;
      await this.pauseAfter(error, records[0]);
      return rest;
    }
  }

  private async pauseAfter(error: OutageError, record: EventRecord | undefined): Promise<void> {
    const { topic, partition } = record ?? {};
    this.options.logger.warn({ error, topic, partition }, 'a partition pauses');
    await new Promise((resolve) => setTimeout(resolve, AFTER_OUTAGE_MS));
  }

  /** Delivers one event until it is handled or put aside. False when this replica must stop before that. */
  private async handle(
    processor: EventProcessor,
    record: EventRecord,
    goOn: () => boolean,
  ): Promise<boolean> {
    for (let outages = 0; goOn(); outages += 1) {
      try {
        const result = await processor.process(record, { blame: outages >= OUTAGES_BEFORE_BLAME });
        if (result === 'failed' || result === 'waiting') this.retryAdded();
        return true;
      } catch (error) {
        if (!(error instanceof OutageError)) throw error;
        await this.pauseAfter(error, record);
      }
    }
    return false;
  }
}

/** Tells the broker that this replica lives while an event takes long. */
class Heartbeat {
  private readonly timer: NodeJS.Timeout;
  private error: unknown = undefined;

  constructor(payload: EachBatchPayload) {
    this.timer = setInterval(() => {
      payload.heartbeat().catch((error: unknown) => {
        this.error ??= error;
      });
    }, HEARTBEAT_EVERY_MS);
  }

  /** The group is sharing out anew, or does not know this replica any more. */
  get failed(): boolean {
    return this.error !== undefined;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** The client knows by the error that it must join again. */
  rethrow(): void {
    if (this.error !== undefined) throw asError(this.error);
  }
}

interface KafkaRecord extends EventRecord {
  readonly offset: string;
}

function recordOf(batch: EachBatchPayload['batch'], message: KafkaMessage): KafkaRecord {
  return {
    offset: message.offset,
    topic: batch.topic,
    partition: batch.partition,
    key: storable(message.key?.toString('utf8') ?? ''),
    value: message.value ?? Buffer.alloc(0),
    headers: headersOf(message.headers),
  };
}

function headersOf(headers: IHeaders | undefined): EventHeaders {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    const [first] = Array.isArray(value) ? value : [value];
    if (first !== undefined) texts[storable(name)] = storable(first.toString());
  }
  return texts;
}
