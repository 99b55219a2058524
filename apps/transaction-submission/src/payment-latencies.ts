import type { MetricsRegistry } from '@libs/observability';

import { ERROR_TYPES, type ErrorType } from './error-types';
import type { FinishedPayment } from './watching/settled-count';

/** Seconds, as dashboards of the system that many come from have them. */
const LATENCY_BUCKETS = Array.from({ length: 24 }, (_, index) => (index + 1) * 5);
const RETRY_BUCKETS = [0, 1, 2, 3];
const LABELS = ['retried', 'result', 'error_type'] as const;

/** A payment that failed before it was signed: no attempt says when it began. */
export interface RejectedPayment {
  readonly errorType: ErrorType;
  readonly wasRetried: boolean;
}

const PAID = { result: 'success', error_type: 'none' };
const failedBy = (type: ErrorType): typeof PAID => ({ result: 'error', error_type: type });

/** How long payments took and how often they were tried, under the names that operators know. */
export class PaymentLatencies {
  private readonly sinceQueued;
  private readonly sinceStarted;
  private readonly retries;
  private readonly processed;

  constructor(metrics: MetricsRegistry) {
    this.sinceQueued = metrics.histogram<(typeof LABELS)[number]>(
      {
        name: 'tss_tx_processing_queued_to_completed_latency_seconds',
        help: 'From the handing-over of a payment to its outcome.',
        labels: LABELS,
      },
      LATENCY_BUCKETS,
    );
    this.sinceStarted = metrics.histogram<(typeof LABELS)[number]>(
      {
        name: 'tss_tx_processing_started_to_completed_latency_seconds',
        help: 'From the signing of the attempt that decided a payment to its outcome.',
        labels: LABELS,
      },
      LATENCY_BUCKETS,
    );
    this.retries = metrics.histogram<(typeof LABELS)[number]>(
      {
        name: 'tss_tx_processing_retry_count',
        help: 'Ledger transactions with a payment that failed before its outcome.',
        labels: LABELS,
      },
      RETRY_BUCKETS,
    );
    this.processed = metrics.counter<(typeof LABELS)[number]>({
      name: 'tss_tx_processing_processed_count',
      help: 'Payments that have an outcome.',
      labels: LABELS,
    });
    for (const retried of ['true', 'false']) {
      for (const histogram of [this.sinceQueued, this.sinceStarted, this.retries])
        histogram.start({ retried, ...PAID });
      // A histogram has dozens of series: those of failures appear with the first of their kind.
      for (const labels of [PAID, ...ERROR_TYPES.map(failedBy)]) this.processed.start({ retried, ...labels });
    }
  }

  finished(payments: readonly FinishedPayment[]): void {
    for (const { errorType, queuedSeconds, startedSeconds, retries } of payments) {
      const labels = {
        retried: String(retries > 0),
        ...(errorType === null ? PAID : failedBy(errorType)),
      };
      this.sinceQueued.observe(labels, queuedSeconds);
      this.sinceStarted.observe(labels, startedSeconds);
      this.retries.observe(labels, retries);
      this.processed.add(labels);
    }
  }

  rejected(payments: readonly RejectedPayment[]): void {
    for (const { errorType, wasRetried } of payments) {
      this.processed.add({ retried: String(wasRetried), ...failedBy(errorType) });
    }
  }
}
