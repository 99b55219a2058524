import type { ReferenceReport } from './reference-rule';
import type { SimulationReport } from './simulation';

export type SeedOutcome =
  | { readonly kind: 'held'; readonly report: SimulationReport; readonly reference: ReferenceReport }
  | { readonly kind: 'failed'; readonly seed: number; readonly message: string }
  | { readonly kind: 'line'; readonly line: string };

/** What many seeds came to. */
export class SeedTally {
  seeds = 0;
  failed = 0;
  private readonly sums = { payments: 0, paid: 0, ledgers: 0, steps: 0, processes: 0 };
  private readonly reference = { payments: 0, paidTwice: 0, seeds: 0 };

  add(outcome: SeedOutcome): void {
    if (outcome.kind === 'line') return;
    this.seeds += 1;
    if (outcome.kind === 'failed') {
      this.failed += 1;
      return;
    }
    const { reference, report } = outcome;
    this.sums.payments += report.payments;
    this.sums.paid += report.paid;
    this.sums.ledgers += report.ledgers;
    this.sums.steps += report.steps;
    this.sums.processes += report.processes;
    this.reference.payments += reference.payments;
    this.reference.paidTwice += reference.paidTwice;
    this.reference.seeds += reference.paidTwice > 0 ? 1 : 0;
  }

  get paidTwiceByTheReference(): number {
    return this.reference.paidTwice;
  }

  summary(): string {
    const { ledgers, paid, payments, processes, steps } = this.sums;
    const { reference } = this;
    const share = (100 * reference.paidTwice) / Math.max(1, reference.payments);
    return [
      `${String(this.seeds)} seeds, ${String(this.failed)} failed`,
      `ours: ${String(payments)} payments, ${String(paid)} paid, 0 paid twice in the seeds that held; ${String(ledgers)} ledgers, ${String(steps)} steps, ${String(processes)} processes`,
      `unlock at once, rebuild after a 404: ${String(reference.payments)} payments, ${String(reference.paidTwice)} paid twice (${share.toFixed(2)} %), in ${String(reference.seeds)} seeds`,
    ].join('\n  ');
  }
}
