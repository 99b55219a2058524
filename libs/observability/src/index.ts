export { type HealthServer, type HealthServerOptions, startHealthServer } from './health-server';
export { createLogger, type Logger, type LoggerOptions, type LogLevel, silentLogger } from './logger';
export { type CounterMetric, type DurationMetric, type GaugeMetric, MetricsRegistry } from './metrics';
export { NestLogger } from './nest-logger';
export {
  businessMetrics,
  type BusinessMetrics,
  httpMetrics,
  type HttpMetrics,
  type ObservedPool,
  observePool,
} from './platform-metrics';
export { scrub, scrubText } from './redaction';
export {
  childTrace,
  currentLogFields,
  currentTrace,
  type LogContext,
  newTrace,
  traceIdOf,
  withTrace,
} from './trace';
