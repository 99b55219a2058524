import type { BudgetState, EndedCall } from '@libs/ledger-stellar/reader';
import type { MetricsRegistry } from '@libs/observability';

import type { CallsPerPayment } from './calls-per-payment';

const KINDS: readonly EndedCall['kind'][] = ['submit', 'read', 'stream'];
/** What does not exist is an answer like another. */
const FINE = (status: number): boolean => (status >= 200 && status < 400) || status === 404 || status === 410;

/** A node without what its address may carry: keys of its provider are in paths and queries. */
export const nodeNames = (urls: readonly string[]): ReadonlyMap<string, string> =>
  new Map(urls.map((url, index) => [url.replace(/\/+$/, ''), `${String(index + 1)} ${hostOf(url)}`]));

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : '');

/** Counts what nodes are asked and how they fail, and shows what each gets at present. */
export class NodeMetrics {
  private readonly names: ReadonlyMap<string, string>;
  private readonly calls;
  private readonly errors;
  private readonly seconds;

  constructor(
    private readonly metrics: MetricsRegistry,
    nodes: readonly string[],
    private readonly perPayment: CallsPerPayment,
  ) {
    this.names = nodeNames(nodes);
    this.calls = metrics.counter<'node' | 'kind'>({
      name: 'tss_node_calls_total',
      help: 'Calls to Horizon servers: envelopes posted, questions, streams opened.',
      labels: ['node', 'kind'],
    });
    for (const node of this.names.values()) for (const kind of KINDS) this.calls.start({ node, kind });
    this.errors = metrics.counter<'status_code' | 'result_code'>({
      name: 'tss_horizon_client_error_count',
      help: 'Calls that did not succeed, by status (0: no answer) and by what refused envelopes are refused for.',
      labels: ['status_code', 'result_code'],
    });
    this.seconds = metrics.histogram<'kind'>({
      name: 'tss_node_call_duration_seconds',
      help: 'How long Horizon servers take to answer.',
      labels: ['kind'],
    });
    for (const kind of KINDS) this.seconds.start({ kind });
  }

  ended({ node, kind, status, reason, seconds }: EndedCall): void {
    this.calls.add({ node: this.names.get(node) ?? '', kind });
    this.seconds.observe({ kind }, seconds);
    if (!FINE(status)) this.errors.add({ status_code: status, result_code: reason });
    this.perPayment.called();
  }

  /** Shows what `read` says at each scrape. */
  showBudgets(read: () => readonly BudgetState[]): void {
    this.show('tss_node_in_flight', 'Calls that are under way.', read, (one) => one.inFlight);
    this.show(
      'tss_node_in_flight_budget',
      'How many calls may be under way.',
      read,
      (one) => one.inFlightMax,
    );
    this.show(
      'tss_node_per_second_budget',
      'How many calls may begin each second.',
      read,
      (one) => one.perSecondMax,
    );
    this.show('tss_node_waiting_calls', 'Calls that wait for their turn.', read, (one) => one.waiting);
    this.show(
      'tss_node_rest_seconds',
      'For how long the server is left alone, because it asked for it or did not answer.',
      read,
      (one) => one.restSeconds,
    );
  }

  private show(
    name: string,
    help: string,
    read: () => readonly BudgetState[],
    value: (state: BudgetState) => number,
  ): void {
    this.metrics.gauge<'node'>({ name, help, labels: ['node'] }, (gauge) => {
      for (const state of read()) gauge.set({ node: this.names.get(state.node) ?? '' }, value(state));
    });
  }
}
