import type { CounterMetric, DurationMetric, MetricsRegistry } from '@libs/observability';
import type { UnitOfWork } from '@libs/persistence';

import { type Depth, readDepths } from './depths.read-model';

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

/** What waits: in the outbox, before each consumer, for a retry, and for a person. Asked of PostgreSQL at each scrape. */
export function observeDepths(
  metrics: MetricsRegistry,
  unit: UnitOfWork,
  lagOf: () => Promise<readonly Depth[]>,
): void {
  const outboxAge = metrics.gauge({
    name: 'distributary_outbox_oldest_seconds',
    help: 'The age of the oldest event that no transport has yet.',
  });
  const lag = metrics.gauge({
    name: 'distributary_consumer_lag',
    help: 'Events in the log that a consumer has not passed yet.',
    labels: ['consumer', 'topic'],
  });
  const retries = metrics.gauge({
    name: 'distributary_retry_depth',
    help: 'Events that wait for another try.',
    labels: ['consumer', 'topic'],
  });
  const letters = metrics.gauge({
    name: 'distributary_dead_letters_open',
    help: 'Dead letters that nobody has decided about.',
    labels: ['consumer', 'topic'],
  });
  metrics.gauge(
    { name: 'distributary_outbox_depth', help: 'Events that no transport has yet.' },
    async (outboxDepth) => {
      const depths = await unit.runSystem('depths of queues', readDepths).catch(() => undefined);
      // What cannot be asked is left out; the readiness of the process says why.
      const lags = await lagOf().catch(() => []);
      if (depths === undefined) return;
      outboxDepth.set({}, depths.outbox.depth);
      outboxAge.set({}, depths.outbox.oldestSeconds);
      for (const [gauge, rows] of [
        [lag, lags],
        [retries, depths.retries],
        [letters, depths.deadLetters],
      ] as const) {
        gauge.reset();
        for (const { consumer, topic, depth } of rows) gauge.set({ consumer, topic }, depth);
      }
    },
  );
}
