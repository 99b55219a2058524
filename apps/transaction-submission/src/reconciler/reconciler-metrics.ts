import type { MetricsRegistry } from '@libs/observability';
import { FINDING_KINDS } from '@libs/submissions';

import type { Reconciled } from './reconciler.service';

/** What the reconciler compared and what it found. No label names a payment, an account or a tenant. */
export class ReconcilerMetrics {
  private readonly open;
  private readonly compared;
  private readonly complete;
  private readonly lastRun;

  constructor(metrics: MetricsRegistry) {
    this.open = metrics.gauge<'kind'>({
      name: 'tss_reconciler_findings',
      help: 'Open findings: where the books and the ledger do not agree. Anything above 0 is an alert.',
      labels: ['kind'],
    });
    this.compared = metrics.counter<'what'>({
      name: 'tss_reconciler_compared_total',
      help: 'What was compared with the ledger: operations that took money out of an account, and paid payments.',
      labels: ['what'],
    });
    for (const what of ['outflow', 'payment']) this.compared.start({ what });
    this.complete = metrics.gauge<never>({
      name: 'tss_reconciler_complete',
      help: '1 when the last run compared everything up to the newest ledger, 0 when it has more to do.',
    });
    this.lastRun = metrics.gauge<never>({
      name: 'tss_reconciler_last_run_timestamp_seconds',
      help: 'When the last run ended. A run that fails does not count.',
    });
  }

  ran({ outflows, payments, isComplete }: Reconciled, at: Date): void {
    this.compared.add({ what: 'outflow' }, outflows);
    this.compared.add({ what: 'payment' }, payments);
    this.complete.set({}, isComplete ? 1 : 0);
    this.lastRun.set({}, at.getTime() / 1_000);
  }

  /** How many findings are open, by kind. */
  stands(open: ReadonlyMap<string, number>): void {
    for (const kind of FINDING_KINDS) this.open.set({ kind }, open.get(kind) ?? 0);
  }
}
