import { readSettings } from '@libs/config';
import { newId } from '@libs/kernel';
import { type Broker, killBroker, startBroker, stopBroker } from '@libs/local-kafka';
import { silentLogger } from '@libs/observability';
import { describeWithKafka, ownBroker } from '@libs/testing';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { setTimeout as pause } from 'node:timers/promises';

import {
  BROKER_SETTINGS,
  type BrokerOptions,
  brokerOptionsOf,
  type KafkaBrokerOptions,
} from '../broker-options';
import { EventBench, eventually } from '../testing/event-bench';
import { KafkaRelayTarget } from './kafka-relay-target';
import { createTopics, topicProblems } from './topics';

/** As long as the issue asks for: longer than any patience of the client. */
const AWAY_MS = 20_000;

describeWithKafka(
  'a Kafka broker of its own',
  () => {
    let bench: EventBench;
    let own: Broker;
    let plain: KafkaBrokerOptions;

    beforeAll(async () => {
      own = await ownBroker();
      bench = await EventBench.open();
      plain = { type: 'KAFKA', brokers: [own.addresses.plaintext], sessionTimeoutMs: 3_000 };
    });
    afterAll(async () => {
      await bench.close();
      await stopBroker(own.dataFolder);
    });

    it('gets its topics created, once, with their twins, however often and by however many that is asked', async () => {
      const contracts = [bench.contracts.ordered, bench.contracts.free];
      const [one, other] = await Promise.all([
        createTopics(plain, silentLogger, contracts),
        createTopics(plain, silentLogger, contracts),
      ]);
      const names = contracts.flatMap(({ topic }) => [topic, `${topic}.dlq`]);
      expect([...new Set([...one, ...other])].sort()).toEqual(names.sort());
      expect(await createTopics(plain, silentLogger, contracts)).toEqual([]);
      const wider = contracts.map((contract) => ({ ...contract, partitions: 13 }));
      await expect(createTopics(plain, silentLogger, wider)).rejects.toThrow(
        'has 12 partitions and must have 13',
      );
    });

    it('must forget events before the marks of handled ones are forgotten', async () => {
      const contract = { ...bench.contracts.free, topic: `kept.for.ever.${bench.suffix}` };
      await createTopics(plain, silentLogger, [contract]);
      const admin = new Kafka({ brokers: [own.addresses.plaintext], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            type: ConfigResourceTypes.TOPIC,
            name: contract.topic,
            configEntries: [{ name: 'retention.ms', value: '-1' }],
          },
        ],
      });
      const problems = await eventually(async () => {
        const found = await topicProblems(admin, [contract]).catch(() => []);
        return found.length > 0 && found;
      });
      expect(problems.join()).toMatch(/must keep events for less than the 30 days/);
      await admin.disconnect();
    });

    const SASL = (mechanism: string): Record<string, string> => ({
      KAFKA_SASL_MECHANISM: mechanism,
      KAFKA_SASL_USERNAME: own.username,
      KAFKA_SASL_PASSWORD: own.password,
    });
    const modes: readonly [string, () => Record<string, string>][] = [
      ['PLAINTEXT', () => ({ BROKER_URLS: own.addresses.plaintext })],
      ['SASL_PLAINTEXT', () => ({ BROKER_URLS: own.addresses.saslPlaintext, ...SASL('SCRAM-SHA-256') })],
      [
        'SASL_SSL',
        () => ({
          BROKER_URLS: own.addresses.saslSsl,
          ...SASL('SCRAM-SHA-512'),
          KAFKA_SSL_CA: own.certificates.caFile,
        }),
      ],
      [
        'SSL',
        () => ({
          BROKER_URLS: own.addresses.ssl,
          KAFKA_SSL_CA: own.certificates.caFile,
          KAFKA_SSL_ACCESS_CERTIFICATE: own.certificates.clientCertificateFile,
          KAFKA_SSL_ACCESS_KEY: own.certificates.clientKeyFile,
        }),
      ],
    ];
    const optionsOf = (protocol: string, more: Record<string, string>): BrokerOptions =>
      brokerOptionsOf(
        readSettings(BROKER_SETTINGS, {
          EVENT_BROKER_TYPE: 'KAFKA',
          KAFKA_SECURITY_PROTOCOL: protocol,
          ...more,
        }),
      );

    it.each(modes)('is spoken to in %s, as the environment says', async (protocol, environment) => {
      const tenant = await bench.newTenant();
      const replica = await bench.startReplica(optionsOf(protocol, environment()), { group: protocol });
      await bench.publish(tenant, [{ key: 'k', n: 1 }]);
      await bench.effectsOnce(1, protocol, tenant);
      await eventually(async () => replica.runtime.problems().length === 0);
      await replica.stop();
    });

    it.each([
      ['a wrong password', 'SASL_PLAINTEXT', () => ({ ...modes[1]?.[1](), KAFKA_SASL_PASSWORD: 'wrong' })],
      [
        'an authority that did not sign its certificate',
        'SASL_SSL',
        () => ({ ...modes[2]?.[1](), KAFKA_SSL_CA: '' }),
      ],
      [
        'no client certificate where it wants one',
        'SSL',
        () => ({ BROKER_URLS: own.addresses.ssl, KAFKA_SSL_CA: own.certificates.caFile }),
      ],
    ])('is not trusted with %s: the reason is told and the events wait', async (_, protocol, environment) => {
      const tenant = await bench.newTenant();
      const replica = await bench.startReplica(optionsOf(protocol, environment()), { group: 'refused' });
      await bench.publish(tenant, [{ key: 'k', n: 1 }]);
      await eventually(async () =>
        /authentication|certificate|Closed connection/i.test(replica.runtime.problems().join()),
      );
      expect(await bench.sql('SELECT FROM eventing.outbox')).toHaveLength(1);
      await replica.stop();
      await bench.sql('DELETE FROM eventing.outbox');
    });

    it('may say nothing at all: a send is given up and made again, and a consumer is made anew', async () => {
      const tenant = await bench.newTenant();
      const { ordered, free } = bench.contracts;
      const target = new KafkaRelayTarget({
        unit: bench.unit,
        broker: plain,
        contracts: [ordered, free],
        logger: silentLogger,
        sendWithinMs: 1_000,
      });
      await bench.publish(tenant, [{ key: 'k', n: 1 }]);
      expect(await target.relay(500, () => true)).toEqual({ moved: 1, more: true });
      const replica = await bench.startReplica({ ...plain, silenceMs: 2_000 }, { group: 'silence' });
      await bench.effectsOnce(1, 'silence', tenant);

      process.kill(own.pid, 'SIGSTOP');
      try {
        await bench.publish(tenant, [{ key: 'k', n: 2 }]);
        await expect(target.relay(500, () => true)).rejects.toThrow('sending events to Kafka took longer');
        await eventually(async () => replica.runtime.problems().join().includes('no sign of life'));
      } finally {
        process.kill(own.pid, 'SIGCONT');
      }
      await bench.effectsOnce(2, 'silence', tenant);
      await eventually(async () => replica.runtime.problems().length === 0);
      await replica.stop();
      await target.close();
    }, 120_000);

    it('may be stopped for 20 s and then killed: nothing is lost and nothing doubled', async () => {
      const tenant = await bench.newTenant();
      const replica = await bench.startReplica(plain, { group: 'away' });
      const keys = Array.from({ length: 24 }, () => newId());
      let n = 0;
      const publish = async (): Promise<void> => {
        await bench.publish(
          tenant,
          keys.map((key) => ({ key, n })),
        );
        n += 1;
      };
      for (let round = 0; round < 10; round += 1) await publish();
      await bench.effectsOnce(24, 'away', tenant);
      await stopBroker(own.dataFolder);
      // Publishers do not notice that the broker is away.
      for (let waited = 0; waited < AWAY_MS; waited += 1_000) {
        await publish();
        await pause(1_000);
      }
      expect(replica.runtime.problems()).not.toEqual([]);
      own = await startBroker({ dataFolder: own.dataFolder });
      for (let round = 0; round < 10; round += 1) await publish();
      await bench.effectsOnce(24 * 15, 'away', tenant);
      await killBroker(own.dataFolder);
      await publish();
      own = await startBroker({ dataFolder: own.dataFolder });
      await publish();
      const effects = await bench.effectsOnce(24 * n, 'away', tenant, 55_000);
      expect(effects).toHaveLength(24 * n);
      for (const key of keys) {
        const numbers = effects.filter((effect) => effect.key === key).map((effect) => effect.n);
        expect(numbers).toEqual(Array.from({ length: n }, (__, index) => index));
      }
      await replica.stop();
    }, 120_000);
  },
  { ownBroker: true },
);
