import type { Logger, MetricsRegistry } from '@libs/observability';

const COUNTED = { warn: 'warn', error: 'error', fatal: 'panic' } as const;

/** The same logger; how often it warned and what failed is counted, under the names that operators know. */
export function countingLogger(logger: Logger, metrics: MetricsRegistry): Logger {
  const counted = { ...logger };
  for (const level of ['warn', 'error', 'fatal'] as const) {
    const counter = metrics.counter<never>({
      name: `tss_log_${COUNTED[level]}_total`,
      help: `Lines that were logged as ${level}.`,
    });
    counter.start({});
    counted[level] = (fields, message): void => {
      counter.add({}, 1);
      logger[level](fields, message);
    };
  }
  return counted;
}
