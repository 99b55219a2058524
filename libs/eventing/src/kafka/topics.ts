import { deadLetterTopicOf, EVENT_CONTRACTS, type EventContract } from '@libs/contracts';
import type { Logger } from '@libs/observability';
import { type Admin, ConfigResourceTypes, KafkaJSProtocolError } from 'kafkajs';
import { setTimeout as pause } from 'node:timers/promises';

import type { KafkaBrokerOptions } from '../broker-options';
import { INBOX_KEEP_DAYS } from '../prune.repository';
import { kafkaClient } from './kafka-client';

const DAY_MS = 86_400_000;
const RETENTION_DAYS = 14;
const KNOWN_AFTER_TRIES_MAX = 50;
const KNOWN_PAUSE_MS = 200;
const NOT_YET = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'];

interface WantedTopic {
  readonly topic: string;
  readonly partitions: number;
}

const wantedTopics = (contracts: readonly EventContract[]): WantedTopic[] =>
  contracts.flatMap(({ topic, partitions }) =>
    [topic, deadLetterTopicOf(topic)].map((name) => ({ topic: name, partitions })),
  );

/** Creates the topics that are missing, each with its twin for dead letters. Returns their names; any number of times. */
export async function createTopics(
  broker: KafkaBrokerOptions,
  logger: Logger,
  contracts: readonly EventContract[] = EVENT_CONTRACTS,
): Promise<string[]> {
  const admin = kafkaClient(broker, 'distributary-topics', logger).admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = wantedTopics(contracts).filter(({ topic }) => !existing.has(topic));
    if (missing.length > 0) {
      await admin.createTopics({
        // Its own wait gives up when a broker does not know the topic yet.
        waitForLeaders: false,
        topics: missing.map(({ topic, partitions }) => ({
          topic,
          numPartitions: partitions,
          // As many replicas as the cluster makes by default.
          replicationFactor: -1,
          configEntries: [
            { name: 'retention.ms', value: String(RETENTION_DAYS * DAY_MS) },
            { name: 'cleanup.policy', value: 'delete' },
          ],
        })),
      });
    }
    await whenKnown(admin, wantedTopics(contracts));
    const problems = await topicProblems(admin, contracts);
    if (problems.length > 0) throw new Error(problems.join('\n'));
    return missing.map(({ topic }) => topic);
  } finally {
    await admin.disconnect();
  }
}

/** A broker that was just told of topics may take a moment until it lists them and answers for them. */
async function whenKnown(admin: Admin, wanted: readonly WantedTopic[]): Promise<void> {
  for (let tries = 1; tries <= KNOWN_AFTER_TRIES_MAX; tries += 1) {
    const { topics } = await admin
      .fetchTopicMetadata({ topics: wanted.map(({ topic }) => topic) })
      .catch((error: unknown) => {
        if (error instanceof KafkaJSProtocolError && NOT_YET.includes(error.type)) return { topics: [] };
        throw error;
      });
    const led = topics.filter(({ partitions }) => partitions.every(({ leader }) => leader >= 0));
    if (led.length === wanted.length) return;
    await pause(KNOWN_PAUSE_MS);
  }
}

export interface TopicProblem {
  readonly topic: string;
  readonly isMissing: boolean;
  /** A sentence for a person. */
  readonly text: string;
}

/** Why events cannot be trusted to these topics; none when they can. Sentences for a person. */
export async function topicProblems(admin: Admin, contracts: readonly EventContract[]): Promise<string[]> {
  const problems = await problemsByTopic(admin, contracts);
  const missing = problems.filter(({ isMissing }) => isMissing).map(({ topic }) => topic);
  return [
    ...(missing.length === 0 ? [] : [`these topics are missing (npm run topics): ${missing.join(', ')}`]),
    ...problems.filter(({ isMissing }) => !isMissing).map(({ text }) => text),
  ];
}

/** The same, topic by topic; the twins for dead letters are topics of their own. */
export async function problemsByTopic(
  admin: Admin,
  contracts: readonly EventContract[],
): Promise<TopicProblem[]> {
  const listed = new Set(await admin.listTopics());
  const wanted = wantedTopics(contracts);
  const existing = wanted.filter(({ topic }) => listed.has(topic));
  const { topics } =
    existing.length === 0
      ? { topics: [] }
      : await admin.fetchTopicMetadata({ topics: existing.map(({ topic }) => topic) });
  const counts = new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
  const uneven = existing.filter(({ topic, partitions }) => counts.get(topic) !== partitions);
  return [
    ...wanted
      .filter(({ topic }) => !listed.has(topic))
      .map(({ topic }) => ({
        topic,
        isMissing: true,
        text: `the topic ${topic} is missing (npm run topics)`,
      })),
    ...uneven.map(({ topic, partitions }) => ({
      topic,
      isMissing: false,
      text: `the topic ${topic} has ${counts.get(topic) ?? 0} partitions and must have ${partitions}`,
    })),
    ...(await retentionProblems(
      admin,
      contracts.filter(({ topic }) => listed.has(topic)),
    )),
  ];
}

/** Marks of handled events must outlive the events: an older one could otherwise take effect a second time. */
async function retentionProblems(admin: Admin, contracts: readonly EventContract[]): Promise<TopicProblem[]> {
  if (contracts.length === 0) return [];
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: contracts.map(({ topic }) => ({
      type: ConfigResourceTypes.TOPIC,
      name: topic,
      configNames: ['retention.ms'],
    })),
  });
  return resources.flatMap(({ resourceName, configEntries }) => {
    const retention = configEntries.find(({ configName }) => configName === 'retention.ms');
    const days = Number(retention?.configValue) / DAY_MS;
    return days >= 0 && days < INBOX_KEEP_DAYS
      ? []
      : [
          {
            topic: resourceName,
            isMissing: false,
            text: `the topic ${resourceName} must keep events for less than the ${INBOX_KEEP_DAYS} days that marks of handled ones are kept (retention.ms)`,
          },
        ];
  });
}
