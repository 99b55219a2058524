import type { EventContract } from '@libs/contracts';
import type { Logger } from '@libs/observability';
import type { SystemTx, UnitOfWork } from '@libs/persistence';
import {
  type Kafka,
  KafkaJSError,
  KafkaJSProtocolError,
  Partitioners,
  type Producer,
  type TopicMessages,
} from 'kafkajs';

import { asError } from '../as-error';
import type { KafkaBrokerOptions } from '../broker-options';
import { deleteSent, endOfOutbox, type OutboxRow, readOutbox } from '../outbox.repository';
import type { Relayed, RelayTarget } from '../relay';
import { kafkaClient } from './kafka-client';
import { within } from './patience';
import { problemsByTopic } from './topics';

export interface KafkaRelayTargetOptions {
  readonly unit: UnitOfWork;
  readonly broker: KafkaBrokerOptions;
  readonly contracts: readonly EventContract[];
  readonly logger: Logger;
  /** How often topics that took no events are looked at again. For tests. */
  readonly recheckMs?: number;
  /** How long a send may take with all that the client tries. For tests. */
  readonly sendWithinMs?: number;
}

const ACKS_ALL = -1;
/** Below the megabyte that brokers take by default as one batch of a partition, whatever the spread is. */
const BYTES_PER_SEND_MAX = 768 * 1024;
const RECHECK_MS = 10_000;
const SEND_WITHIN_MS = 30_000;
const CONNECT_WITHIN_MS = 60_000;
const CLOSE_WITHIN_MS = 5_000;
/**
 * A database transaction that took its places in the outbox early may commit late. One that is even later than this waits
 * until the topics are looked at again.
 */
const PLACES_SEEN_AGAIN = 10_000n;
/** Answers that say nothing about a topic: they would come for any. */
const ABOUT_THE_BROKER = [
  ...['CLUSTER_AUTHORIZATION_FAILED', 'SASL_AUTHENTICATION_FAILED', 'UNSUPPORTED_SASL_MECHANISM'],
  ...[
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    'INVALID_PRODUCER_EPOCH',
    'UNKNOWN_PRODUCER_ID',
    'DUPLICATE_SEQUENCE_NUMBER',
  ],
];

/**
 * Sends events to Kafka and deletes their rows after all in-sync replicas have them. One send at a time, so that a
 * partition gets its events in the order of the outbox. A send whose end is unknown is made again: consumers know
 * the ids.
 *
 * A topic that takes no events (missing, without the right to write, too few replicas) keeps its rows in the outbox
 * and holds back no other topic. It is looked at again every ten seconds.
 */
export class KafkaRelayTarget implements RelayTarget {
  private readonly kafka: Kafka;
  private producer: Producer | null = null;
  /** Why a topic takes no events, as it was seen last. */
  private readonly unusable = new Map<string, string>();
  private checkedAt = -Infinity;
  /** Up to here there were only events of topics that take none, which need not be read again each time. */
  private passed = 0n;

  constructor(private readonly options: KafkaRelayTargetOptions) {
    this.kafka = kafkaClient(options.broker, 'distributary-relay', options.logger);
  }

  async relay(batch: number, goOn: () => boolean): Promise<Relayed | null> {
    const { unit } = this.options;
    await this.checkTopics();
    await this.connected();
    const { rows, end } = await unit.runSystem('relay: read the outbox', (tx) => this.read(tx, batch));
    if (rows.length > 0 && !goOn()) return null;
    const sent = rows.length === 0 ? [] : await this.send(rows);
    if (sent.length > 0) await unit.runSystem('relay: the broker has them', (tx) => deleteSent(tx, sent));
    this.notePassed(rows, { sent, end });
    return { moved: sent.length, more: rows.length > 0 };
  }

  private notePassed(
    rows: readonly OutboxRow[],
    { sent, end }: { readonly sent: readonly OutboxRow[]; readonly end: bigint },
  ): void {
    const done = new Set([...sent.map(({ topic }) => topic), ...this.unusable.keys()]);
    if (this.unusable.size === 0) this.passed = 0n;
    else if (rows.every(({ topic }) => done.has(topic)))
      this.passed = (rows.at(-1)?.seq ?? end) - PLACES_SEEN_AGAIN;
  }

  private async read(
    tx: SystemTx,
    batch: number,
  ): Promise<{ readonly rows: readonly OutboxRow[]; readonly end: bigint }> {
    const without = [...this.unusable.keys()];
    // Before the rows: what is written meanwhile must not count as seen.
    const end = without.length === 0 ? 0n : await endOfOutbox(tx);
    const rows = await readOutbox(tx, {
      rows: batch,
      bytes: BYTES_PER_SEND_MAX,
      without,
      after: this.passed,
    });
    return { rows, end };
  }

  async close(): Promise<void> {
    const { producer } = this;
    this.producer = null;
    if (producer === null) return;
    // One that cannot be closed is left behind: everybody's events wait for this.
    await within(CLOSE_WITHIN_MS, 'closing a producer', producer.disconnect()).catch(() => undefined);
  }

  /** Those of the rows that the broker has for good. Throws when the broker itself takes nothing. */
  private async send(rows: readonly OutboxRow[]): Promise<readonly OutboxRow[]> {
    const all = topicMessagesOf(rows);
    try {
      await this.sendBatch(all);
      return rows;
    } catch (error) {
      if (!isAboutTopics(error)) throw error;
    }
    // One of them is at fault. All go once more, each on its own; what the broker had already, consumers know.
    const taken = new Set<string>();
    for (const one of all) {
      try {
        await this.sendBatch([one]);
        taken.add(one.topic);
      } catch (error) {
        if (!isAboutTopics(error)) {
          if (taken.size === 0) throw error;
          break;
        }
        this.putAside(one.topic, asError(error).message);
        this.checkedAt = performance.now();
      }
    }
    return rows.filter(({ topic }) => taken.has(topic));
  }

  private async sendBatch(topicMessages: TopicMessages[]): Promise<void> {
    const producer = await this.connected();
    try {
      const sending = producer.sendBatch({ acks: ACKS_ALL, topicMessages });
      await within(this.options.sendWithinMs ?? SEND_WITHIN_MS, 'sending events to Kafka', sending);
    } catch (error) {
      // Its sequence numbers may be out of step with the broker's now.
      await this.close();
      throw error;
    }
  }

  private putAside(topic: string, problem: string): void {
    if (this.unusable.get(topic) !== problem)
      this.options.logger.warn(
        { topic, problem },
        'events wait in the outbox: their topic does not take them',
      );
    this.unusable.set(topic, problem);
  }

  /** Before the first send, and from time to time while a topic takes no events. */
  private async checkTopics(): Promise<void> {
    const now = performance.now();
    const isDue = this.unusable.size > 0 && now - this.checkedAt >= (this.options.recheckMs ?? RECHECK_MS);
    if (this.checkedAt !== -Infinity && !isDue) return;
    const admin = this.kafka.admin();
    try {
      const looking = admin.connect().then(() => problemsByTopic(admin, this.options.contracts));
      const problems = await within(CONNECT_WITHIN_MS, 'looking at the topics', looking);
      const texts = new Map(problems.map(({ topic, text }) => [topic, text]));
      for (const topic of this.unusable.keys()) if (!texts.has(topic)) this.unusable.delete(topic);
      for (const [topic, text] of texts) this.putAside(topic, text);
    } finally {
      await within(CLOSE_WITHIN_MS, 'closing an admin client', admin.disconnect()).catch(() => undefined);
    }
    this.checkedAt = performance.now();
    this.passed = 0n;
  }

  private async connected(): Promise<Producer> {
    if (this.producer !== null) return this.producer;
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await within(CONNECT_WITHIN_MS, 'connecting a producer to Kafka', producer.connect());
    this.producer = producer;
    return producer;
  }
}

/** Whether the broker answered that it does not take this, and not that it is away or does not know us. */
function isAboutTopics(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = causeOf(cause)) {
    if (cause instanceof KafkaJSProtocolError) return !ABOUT_THE_BROKER.includes(cause.type);
  }
  return false;
}

const causeOf = (error: Error): unknown =>
  error.cause ?? (error instanceof KafkaJSError ? Reflect.get(error, 'originalError') : undefined);

function topicMessagesOf(rows: readonly OutboxRow[]): TopicMessages[] {
  const byTopic = new Map<string, TopicMessages>();
  for (const { topic, partition, key, value, headers } of rows) {
    const messages = byTopic.get(topic) ?? { topic, messages: [] };
    byTopic.set(topic, messages);
    messages.messages.push({ partition, key, value: Buffer.from(value), headers: { ...headers } });
  }
  return [...byTopic.values()];
}
