import type { CounterMetric, DurationMetric, GaugeMetric, MetricsRegistry } from '@libs/observability';
import type { UnitOfWork } from '@libs/persistence';

import { type Depth, readDepths } from './depths.read-model';

/** What can come of a delivery. */
export type Processed = 'done' | 'duplicate' | 'waiting' | 'failed' | 'parked';

const PROCESSED: readonly Processed[] = ['done', 'duplicate', 'waiting', 'failed', 'parked'];

export interface ConsumerMetrics {
  readonly handled: CounterMetric<'topic' | 'result'>;
  /** How long handling took, with its database transaction. */
  readonly duration: DurationMetric<'topic'>;
  /** From when the event was written to when its effect was committed. */
  readonly lag: DurationMetric<'topic'>;
}

export function consumerMetrics(metrics: MetricsRegistry): ConsumerMetrics {
  return {
    handled: metrics.counter({
      name: 'distributary_events_handled_total',
      help: 'Deliveries of events, by topic and by what came of them.',
      labels: ['topic', 'result'],
    }),
    duration: metrics.histogram({
      name: 'distributary_event_duration_seconds',
      help: 'How long it took to handle an event, with its database transaction.',
      labels: ['topic'],
    }),
    lag: metrics.histogram({
      name: 'distributary_event_lag_seconds',
      help: 'From the writing of an event to the commit of its effect.',
      labels: ['topic'],
    }),
  };
}

/** Shows the series of a topic before its first event. */
export function startTopic({ handled, duration, lag }: ConsumerMetrics, topic: string): void {
  for (const result of PROCESSED) handled.start({ topic, result });
  duration.start({ topic });
  lag.start({ topic });
}

export interface ObservedQueues {
  readonly unit: UnitOfWork;
  /** The consumer group of this process: what waits for others, they show. */
  readonly group: string;
  /** What this process handles. */
  readonly topics: () => readonly string[];
  readonly lagOf: () => Promise<readonly Depth[]>;
}

/** What waits: in the outbox, before this consumer, for a retry, and for a person. Asked at each scrape. */
export function observeDepths(metrics: MetricsRegistry, queues: ObservedQueues): void {
  const labels = ['consumer', 'topic'] as const;
  const outboxDepth = metrics.gauge<never>({
    name: 'distributary_outbox_depth',
    help: 'Events that no transport has yet.',
  });
  const outboxAge = metrics.gauge<never>({
    name: 'distributary_outbox_oldest_seconds',
    help: 'The age of the oldest event that no transport has yet.',
  });
  const lag = metrics.gauge({
    name: 'distributary_consumer_lag',
    help: 'Events in the log that a consumer has not passed yet.',
    labels,
  });
  const retries = metrics.gauge({
    name: 'distributary_retry_depth',
    help: 'Events that wait for another try.',
    labels,
  });
  const letters = metrics.gauge({
    name: 'distributary_dead_letters_open',
    help: 'Dead letters that nobody has decided about.',
    labels,
  });
  const show = (gauge: GaugeMetric<'consumer' | 'topic'>, rows: readonly Depth[]): void => {
    gauge.reset();
    for (const topic of queues.topics()) gauge.set({ consumer: queues.group, topic }, 0);
    for (const { consumer, topic, depth } of rows) gauge.set({ consumer, topic }, depth);
  };
  // Two questions, since the broker may be away while PostgreSQL answers.
  metrics.collect(
    async () => {
      const { unit, group } = queues;
      const depths = await unit.runSystem('depths of queues', (tx) => readDepths(tx, group));
      outboxDepth.set({}, depths.outbox.depth);
      outboxAge.set({}, depths.outbox.oldestSeconds);
      show(retries, depths.retries);
      show(letters, depths.deadLetters);
    },
    () => {
      for (const gauge of [outboxDepth, outboxAge, retries, letters]) gauge.reset();
    },
  );
  metrics.collect(
    async () => show(lag, await queues.lagOf()),
    () => lag.reset(),
  );
}
