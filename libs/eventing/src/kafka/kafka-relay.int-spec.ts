import { newId } from '@libs/kernel';
import { silentLogger } from '@libs/observability';
import { SystemTx } from '@libs/persistence';
import { describeWithKafka, sharedBroker } from '@libs/testing';
import { type Admin, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';

import type { KafkaBrokerOptions } from '../broker-options';
import { EventBench, eventually } from '../testing/event-bench';
import { OLDEST } from '../outbox.repository';
import { KafkaRelayTarget, type KafkaRelayTargetOptions } from './kafka-relay-target';
import { createTopics } from './topics';

const STUCK = 30_000;

interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** How many rows of tables a plan has read, those that it then left out too. */
function visitedBy(node: PlanNode | undefined): number {
  if (node === undefined) return 0;
  const ofTable =
    node['Relation Name'] === undefined ? 0 : node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0);
  return (node.Plans ?? []).reduce((sum, part) => sum + visitedBy(part), ofTable * node['Actual Loops']);
}

describeWithKafka('the relay to Kafka', () => {
  let bench: EventBench;
  let broker: KafkaBrokerOptions;
  let admin: Admin;
  let target: KafkaRelayTarget;
  let tenant: string;
  let options: KafkaRelayTargetOptions;

  beforeEach(async () => {
    broker = { type: 'KAFKA', brokers: (await sharedBroker()).split(',') };
    bench = await EventBench.open();
    tenant = await bench.newTenant();
    const contracts = [bench.contracts.ordered, bench.contracts.free];
    await createTopics(broker, silentLogger, contracts);
    admin = new Kafka({ brokers: [...broker.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    options = { unit: bench.unit, broker, contracts, logger: silentLogger };
    target = new KafkaRelayTarget({ ...options, recheckMs: 100 });
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
  const countOf = async (topic: string): Promise<number> => {
    const [row] = await bench.sql<{ count: string }>(
      'SELECT count(*) FROM eventing.outbox WHERE topic = $1',
      [topic],
    );
    return Number(row?.count);
  };
  /** By the plan of the app's own role. */
  const rowsVisited = async (text: string, values: unknown[]): Promise<number> => {
    const { rows } = await bench.database.pool.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
      values,
    );
    return visitedBy(rows[0]?.['QUERY PLAN'][0].Plan);
  };
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

  it('does not read the many events of a missing topic again each time, and sends them all when it is there', async () => {
    const { ordered, free } = bench.contracts;
    await admin.deleteTopics({ topics: [free.topic] });
    await eventually(async () => !(await admin.listTopics()).includes(free.topic));
    // Looked at again only when this test wants it.
    const patient = new KafkaRelayTarget({ ...options, recheckMs: 600_000 });
    await bench.publish(tenant, [{ key: newId(), n: 0 }], free);
    await bench.sql(
      `INSERT INTO eventing.outbox (topic, partition, key, value, headers)
         SELECT topic, partition, key, value, headers FROM eventing.outbox, generate_series(2, ${String(STUCK)})`,
    );
    await bench.publish(tenant, [{ key: newId(), n: 1 }], ordered);
    while ((await patient.relay(500, () => true))?.more === true);
    expect(await countOf(free.topic)).toBe(STUCK);
    expect(await countOf(ordered.topic)).toBe(0);

    await bench.publish(tenant, [{ key: newId(), n: 2 }], ordered);
    const statements = jest.spyOn(SystemTx.prototype, 'query');
    await patient.relay(500, () => true);
    const [text, values] = statements.mock.calls.find(([statement]) => statement === OLDEST) ?? [];
    statements.mockRestore();
    expect(await countOf(ordered.topic)).toBe(0);
    await bench.publish(tenant, [{ key: newId(), n: 3 }], ordered);
    // Each look goes back over the last ten thousand places, and not over all that wait.
    expect(await rowsVisited(text ?? '', [...(values ?? [])])).toBeLessThan(STUCK / 2);

    await patient.close();
    await createTopics(broker, silentLogger, [free]);
    await eventually(async () => {
      await relayed();
      return (await waiting()).length === 0;
    });
  }, 120_000);

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
