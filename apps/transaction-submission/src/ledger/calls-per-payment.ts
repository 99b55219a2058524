import type { MetricsRegistry } from '@libs/observability';

import type { Monotonic } from '../engine-context';

const MINUTE_MS = 60_000;
const MINUTES = 10;

interface Minute {
  readonly number: number;
  calls: number;
  payments: number;
}

/** How many calls a payment costs, over the last ten minutes: everything that is asked counts, whatever it is for. */
export class CallsPerPayment {
  private minutes: Minute[] = [];

  constructor(
    metrics: MetricsRegistry,
    private readonly now: Monotonic,
  ) {
    metrics.gauge<never>(
      {
        name: 'tss_calls_per_payment',
        help: 'Calls to Horizon servers for each payment that ended, over the last ten minutes; absent when none ended.',
      },
      (gauge) => {
        const ratio = this.ratio();
        if (ratio === null) gauge.reset();
        else gauge.set({}, ratio);
      },
    );
  }

  called(): void {
    this.minute().calls += 1;
  }

  ended(payments: number): void {
    if (payments > 0) this.minute().payments += payments;
  }

  ratio(): number | null {
    this.minute();
    const payments = this.minutes.reduce((sum, one) => sum + one.payments, 0);
    const calls = this.minutes.reduce((sum, one) => sum + one.calls, 0);
    return payments === 0 ? null : calls / payments;
  }

  private minute(): Minute {
    const number = Math.floor(this.now() / MINUTE_MS);
    const last = this.minutes.at(-1);
    if (last?.number === number) return last;
    const minute: Minute = { number, calls: 0, payments: 0 };
    this.minutes = [...this.minutes.filter((one) => one.number > number - MINUTES), minute];
    return minute;
  }
}
