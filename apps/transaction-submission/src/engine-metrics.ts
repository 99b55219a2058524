import type { MetricsRegistry } from '@libs/observability';
import type { AttemptAnswer } from '@libs/submissions';

import type { CallsPerPayment } from './ledger/calls-per-payment';
import type { SettledCount } from './watching/settling.service';

const ANSWERS: Readonly<Record<AttemptAnswer, true>> = {
  accepted: true,
  silent: true,
  resend: true,
  bump: true,
  supersede: true,
  expire: true,
  ours: true,
};

/** Counters of the engine, under the names that operators know where the meaning is the same. No label names a payment. */
export class EngineMetrics {
  private readonly started;
  private readonly successful;
  private readonly errors;
  private readonly answers;
  private readonly attempts;
  private readonly rejected;

  constructor(
    metrics: MetricsRegistry,
    private readonly perPayment: Pick<CallsPerPayment, 'ended'>,
  ) {
    this.started = metrics.counter<never>({
      name: 'tss_payment_processing_started',
      help: 'Payments that were signed; once more for each attempt.',
    });
    this.successful = metrics.counter<never>({
      name: 'tss_payment_transaction_successful',
      help: 'Payments that a closed ledger shows as paid.',
    });
    this.errors = metrics.counter<never>({
      name: 'tss_payment_error',
      help: 'Payments that failed for good.',
    });
    this.answers = metrics.counter<'answer'>({
      name: 'tss_node_answers_total',
      help: 'What nodes said to envelopes: accepted, silent, or what a refusal asks for.',
      labels: ['answer'],
    });
    for (const answer of Object.keys(ANSWERS)) this.answers.start({ answer });
    this.rejected = metrics.counter<never>({
      name: 'tss_payments_rejected_before_signing_total',
      help: 'Payments that the account of the recipient cannot take, found out before they cost a fee.',
    });
    this.attempts = metrics.counter<'end'>({
      name: 'tss_attempts_ended_total',
      help: 'Attempts (inner ledger transactions) by their end.',
      labels: ['end'],
    });
    for (const end of ['applied', 'failed', 'never_applied']) this.attempts.start({ end });
  }

  signed(payments: number): void {
    if (payments > 0) this.started.add({}, payments);
  }

  rejectedBefore(payments: number): void {
    this.rejected.add({}, payments);
    this.errors.add({}, payments);
  }

  answered(answer: AttemptAnswer): void {
    this.answers.add({ answer });
  }

  settled({ applied, failed, neverApplied, paymentsPaid, paymentsFailed }: SettledCount): void {
    this.attempts.add({ end: 'applied' }, applied);
    this.attempts.add({ end: 'failed' }, failed);
    this.attempts.add({ end: 'never_applied' }, neverApplied);
    this.successful.add({}, paymentsPaid);
    this.errors.add({}, paymentsFailed);
    this.perPayment.ended(paymentsPaid + paymentsFailed);
  }
}
