import type { EventContract } from '@libs/contracts';
import type { Logger } from '@libs/observability';
import type { UnitOfWork } from '@libs/persistence';
import { type Kafka, Partitioners, type Producer, type TopicMessages } from 'kafkajs';

import type { KafkaBrokerOptions } from '../broker-options';
import { deleteSent, type OutboxRow, readOutbox } from '../outbox.repository';
import type { Relayed, RelayTarget } from '../relay';
import { kafkaClient } from './kafka-client';
import { topicProblems } from './topics';

export interface KafkaRelayTargetOptions {
  readonly unit: UnitOfWork;
  readonly broker: KafkaBrokerOptions;
  readonly contracts: readonly EventContract[];
  readonly logger: Logger;
}

const ACKS_ALL = -1;
/** Below the megabyte that brokers take by default as one batch of a partition, whatever the spread is. */
const BYTES_PER_SEND_MAX = 768 * 1024;

/**
 * Sends events to Kafka and deletes their rows after all in-sync replicas have them. One send at a time, so that a
 * partition gets its events in the order of the outbox. A send whose end is unknown is made again: consumers know
 * the ids.
 */
export class KafkaRelayTarget implements RelayTarget {
  private readonly kafka: Kafka;
  private producer: Producer | null = null;

  constructor(private readonly options: KafkaRelayTargetOptions) {
    this.kafka = kafkaClient(options.broker, 'distributary-relay', options.logger);
  }

  async relay(batch: number, goOn: () => boolean): Promise<Relayed | null> {
    const { unit } = this.options;
    const producer = this.producer ?? (await this.connect());
    const rows = await unit.runSystem('relay: read the outbox', (tx) =>
      readOutbox(tx, { rows: batch, bytes: BYTES_PER_SEND_MAX }),
    );
    if (rows.length === 0) return { moved: 0, more: false };
    if (!goOn()) return null;
    try {
      await producer.sendBatch({ acks: ACKS_ALL, topicMessages: topicMessagesOf(rows) });
    } catch (error) {
      // Its sequence numbers may be out of step with the broker's now.
      await this.close();
      throw error;
    }
    await unit.runSystem('relay: the broker has them', (tx) => deleteSent(tx, rows));
    return { moved: rows.length, more: true };
  }

  async close(): Promise<void> {
    const { producer } = this;
    this.producer = null;
    await producer?.disconnect().catch(() => undefined);
  }

  private async connect(): Promise<Producer> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      const problems = await topicProblems(admin, this.options.contracts);
      if (problems.length > 0) throw new Error(problems.join('; '));
    } finally {
      await admin.disconnect();
    }
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    this.producer = producer;
    return producer;
  }
}

function topicMessagesOf(rows: readonly OutboxRow[]): TopicMessages[] {
  const byTopic = new Map<string, TopicMessages>();
  for (const { topic, partition, key, value, headers } of rows) {
    const messages = byTopic.get(topic) ?? { topic, messages: [] };
    byTopic.set(topic, messages);
    messages.messages.push({ partition, key, value: Buffer.from(value), headers: { ...headers } });
  }
  return [...byTopic.values()];
}
