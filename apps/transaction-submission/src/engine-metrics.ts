import type { MetricsRegistry } from '@libs/observability';
import type { AttemptAnswer, LiveAttempt } from '@libs/submissions';

import type { CallsPerPayment } from './ledger/calls-per-payment';
import { PaymentLatencies, type RejectedPayment } from './payment-latencies';
import { OUTCOME_CLASSES, type SettledCount } from './watching/settled-count';

const ANSWERS: Readonly<Record<AttemptAnswer, true>> = {
  accepted: true,
  silent: true,
  resend: true,
  bump: true,
  supersede: true,
  expire: true,
  ours: true,
};

const LIVE_STATUSES = ['SENT', 'LOST'] as const;
/** Stroops. */
const FEE_BUCKETS = [100, 110, 150, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000];

/** Counters of the engine, under the names that operators know where the meaning is the same. No label names a payment. */
export class EngineMetrics {
  private readonly started;
  private readonly successful;
  private readonly errors;
  private readonly reconciled;
  private readonly unreconciled;
  private readonly answers;
  private readonly attempts;
  private readonly rejected;
  private readonly outcomes;
  private readonly fees;
  private readonly feePerPayment;
  private readonly latencies;
  private readonly live;

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
    this.reconciled = metrics.counter<never>({
      name: 'tss_payment_reconciliation_successful',
      help: 'Payments that were sent with an unknown outcome, and of which the ledger has told by now what became of them.',
    });
    this.reconciled.start({});
    this.unreconciled = metrics.counter<never>({
      name: 'tss_payment_reconciliation_failure',
      help: 'Attempts whose outcome stays unknown: their sequence number was used by nothing that can be found. An alert.',
    });
    this.unreconciled.start({});
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
    this.outcomes = metrics.counter<'class'>({
      name: 'tss_outcomes_total',
      help: 'Payments of ended attempts by what their results mean: one that was not paid or rejected goes again.',
      labels: ['class'],
    });
    for (const name of OUTCOME_CLASSES) this.outcomes.start({ class: name });
    this.fees = metrics.counter<never>({
      name: 'tss_fees_charged_stroops_total',
      help: 'What ledgers charged for payments, also for those that failed.',
    });
    this.feePerPayment = metrics.histogram<never>(
      {
        name: 'tss_fee_per_payment_stroops',
        help: 'What a ledger charged per payment, once for each ledger transaction and disbursement.',
      },
      FEE_BUCKETS,
    );
    this.feePerPayment.start({});
    this.latencies = new PaymentLatencies(metrics);
    this.live = metrics.gauge<'status'>({
      name: 'tss_attempts_on_the_way',
      help: 'Attempts of this instance that no ledger had decided after the last one: sent, or sent and lost track of.',
      labels: ['status'],
    });
    this.onTheWay([]);
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

  rejectedBefore(payments: readonly RejectedPayment[]): void {
    this.rejected.add({}, payments.length);
    this.errors.add({}, payments.length);
    this.latencies.rejected(payments);
  }

  /** What no ledger has decided yet. */
  onTheWay(live: readonly Pick<LiveAttempt, 'status'>[]): void {
    for (const status of LIVE_STATUSES) {
      this.live.set({ status }, live.filter((one) => one.status === status).length);
    }
  }

  answered(answer: AttemptAnswer): void {
    this.answers.add({ answer });
  }

  contradicted(attempts: number): void {
    this.unreconciled.add({}, attempts);
  }

  settled({ applied, failed, neverApplied, classes, finished, fees, reconciled }: SettledCount): void {
    this.reconciled.add({}, reconciled);
    this.attempts.add({ end: 'applied' }, applied);
    this.attempts.add({ end: 'failed' }, failed);
    this.attempts.add({ end: 'never_applied' }, neverApplied);
    for (const name of OUTCOME_CLASSES) this.outcomes.add({ class: name }, classes[name]);
    const paid = finished.filter((one) => one.errorType === null).length;
    this.successful.add({}, paid);
    this.errors.add({}, finished.length - paid);
    this.latencies.finished(finished);
    for (const { fee, payments } of fees) {
      this.fees.add({}, Number(fee));
      this.feePerPayment.observe({}, Number(fee) / payments);
    }
    this.perPayment.ended(finished.length);
  }
}
