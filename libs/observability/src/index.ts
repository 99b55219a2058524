export { type HealthServer, type HealthServerOptions, startHealthServer } from './health-server';
export { createLogger, type Logger, type LoggerOptions, type LogLevel, silentLogger } from './logger';
export { type CounterMetric, type DurationMetric, type GaugeMetric, MetricsRegistry } from './metrics';
export { NestLogger } from './nest-logger';
export { httpMetrics, type HttpMetrics, type HttpRoute } from './http-metrics';
export { type ObservedPool, observePool } from './platform-metrics';
export { runApp } from './run-app';
export { scrubText } from './redaction';
export { childTrace, type LogContext, newTrace, traceIdOf, traceTenant, withTrace } from './trace';
