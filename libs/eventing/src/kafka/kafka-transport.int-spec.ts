import { silentLogger } from '@libs/observability';
import { describeWithKafka, sharedBroker } from '@libs/testing';
import { Kafka, logLevel } from 'kafkajs';

import type { KafkaBrokerOptions } from '../broker-options';
import { eventTransportContract } from '../event-transport.contract';
import { createTopics } from './topics';

describeWithKafka('events over Kafka', () => {
  let broker: KafkaBrokerOptions;

  eventTransportContract({
    open: async (contracts) => {
      broker = { type: 'KAFKA', brokers: (await sharedBroker()).split(','), sessionTimeoutMs: 1_500 };
      await createTopics(broker, silentLogger, contracts);
      return broker;
    },
    recordsOf: async (_, topic) => await recordsOn(broker, topic),
  });
});

/** All records of a topic, read to the end of each partition. */
async function recordsOn(
  { brokers }: KafkaBrokerOptions,
  topic: string,
): Promise<{ value: Buffer; headers: Record<string, string> }[]> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const wanted = offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  const records: { value: Buffer; headers: Record<string, string> }[] = [];
  if (wanted === 0) return records;
  const consumer = kafka.consumer({ groupId: `reader-${Math.random()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ message }) => {
          const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]);
          records.push({
            value: message.value ?? Buffer.alloc(0),
            headers: Object.fromEntries(headers) as Record<string, string>,
          });
          if (records.length >= wanted) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return records;
}
