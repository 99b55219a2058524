import type { MetricsRegistry } from '@libs/observability';
import type { AttemptAnswer } from '@libs/submissions';

import type { SettledCount } from './watching/settling.service';

/** Counters of the engine. No label names a payment, an account or a tenant. */
export class EngineMetrics {
  private readonly attempts;
  private readonly answers;
  private readonly payments;

  constructor(metrics: MetricsRegistry) {
    this.attempts = metrics.counter<'event'>({
      name: 'tss_attempts_total',
      help: 'Attempts (inner ledger transactions) by what happened to them.',
      labels: ['event'],
    });
    this.answers = metrics.counter<'answer'>({
      name: 'tss_node_answers_total',
      help: 'What nodes said to envelopes: accepted, silent, or what a refusal asks for.',
      labels: ['answer'],
    });
    this.payments = metrics.counter<'result'>({
      name: 'tss_payments_total',
      help: 'Payments by their outcome.',
      labels: ['result'],
    });
  }

  signed(count: number): void {
    if (count > 0) this.attempts.add({ event: 'signed' }, count);
  }

  answered(answer: AttemptAnswer): void {
    this.answers.add({ answer });
  }

  settled({ applied, failed, neverApplied, paymentsPaid, paymentsFailed }: SettledCount): void {
    this.attempts.add({ event: 'applied' }, applied);
    this.attempts.add({ event: 'failed' }, failed);
    this.attempts.add({ event: 'never_applied' }, neverApplied);
    this.payments.add({ result: 'paid' }, paymentsPaid);
    this.payments.add({ result: 'failed' }, paymentsFailed);
  }
}
