import { newId } from '@libs/kernel';
import { silentLogger } from '@libs/observability';
import { describeWithKafka, sharedBroker } from '@libs/testing';
import { type Admin, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';

import type { KafkaBrokerOptions } from '../broker-options';
import { EventBench, eventually } from '../testing/event-bench';
import { KafkaRelayTarget } from './kafka-relay-target';
import { createTopics } from './topics';

describeWithKafka('the relay to Kafka', () => {
  let bench: EventBench;
  let broker: KafkaBrokerOptions;
  let admin: Admin;
  let target: KafkaRelayTarget;
  let tenant: string;

  beforeEach(async () => {
    broker = { type: 'KAFKA', brokers: (await sharedBroker()).split(',') };
    bench = await EventBench.open();
    tenant = await bench.newTenant();
    const contracts = [bench.contracts.ordered, bench.contracts.free];
    await createTopics(broker, silentLogger, contracts);
    admin = new Kafka({ brokers: [...broker.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    target = new KafkaRelayTarget({
      unit: bench.unit,
      broker,
      contracts,
      logger: silentLogger,
      recheckMs: 100,
    });
  }, 60_000);
  afterEach(async () => {
    await target.close();
    await admin.disconnect();
    await bench.close();
  });

  async function publishBoth(): Promise<void> {
    // The one that cannot go is the older one.
    await bench.publish(tenant, [{ key: newId(), n: 1 }], bench.contracts.free);
    await bench.publish(tenant, [{ key: newId(), n: 2 }], bench.contracts.ordered);
  }
  const waiting = async (): Promise<string[]> =>
    (await bench.sql<{ topic: string }>('SELECT topic FROM eventing.outbox ORDER BY seq')).map(
      ({ topic }) => topic,
    );
  const relayed = async (): Promise<void> => {
    while ((await target.relay(500, () => true))?.more === true);
  };
  const sizeLimit = async (bytes: number): Promise<void> => {
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: bench.contracts.free.topic,
          configEntries: [{ name: 'max.message.bytes', value: String(bytes) }],
        },
      ],
    });
  };

  it('passes over a topic that is missing, and comes back to it', async () => {
    const { ordered, free } = bench.contracts;
    await admin.deleteTopics({ topics: [free.topic] });
    await eventually(async () => !(await admin.listTopics()).includes(free.topic));
    await publishBoth();
    await relayed();
    expect(await waiting()).toEqual([free.topic]);
    const heads = await admin.fetchTopicOffsets(ordered.topic);
    expect(heads.reduce((sum, { high }) => sum + Number(high), 0)).toBe(1);
    await createTopics(broker, silentLogger, [free]);
    await eventually(async () => {
      await relayed();
      return (await waiting()).length === 0;
    });
  }, 60_000);

  it('passes over a topic that refuses what it is sent, in the middle of its work', async () => {
    await publishBoth();
    await relayed();
    expect(await waiting()).toEqual([]);
    await sizeLimit(200);
    await eventually(async () => {
      await publishBoth();
      await relayed();
      const left = await waiting();
      expect(left).not.toContain(bench.contracts.ordered.topic);
      return left.length > 0;
    });
    await sizeLimit(1_000_000);
    await eventually(async () => {
      await relayed();
      return (await waiting()).length === 0;
    });
  }, 60_000);

  it('sends nothing and says so while the broker itself is away', async () => {
    const away = new KafkaRelayTarget({
      unit: bench.unit,
      broker: { ...broker, brokers: ['127.0.0.1:1'] },
      contracts: [bench.contracts.ordered],
      logger: silentLogger,
    });
    await publishBoth();
    await expect(away.relay(500, () => true)).rejects.toThrow('ECONNREFUSED');
    expect(await waiting()).toHaveLength(2);
    await away.close();
  }, 60_000);
});
