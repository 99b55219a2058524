import { HttpClient, PacedTransport, type StellarReaderOptions } from '@libs/ledger-stellar/reader';
import type { MetricsRegistry } from '@libs/observability';

import type { SubmissionSettings } from '../submission-settings';
import { CallsPerPayment } from './calls-per-payment';
import { NodeMetrics } from './node-metrics';

export interface OpenNodes {
  /** What a reader and a submitter are made with: they share one budget for each node. */
  readonly horizon: StellarReaderOptions;
  readonly perPayment: CallsPerPayment;
}

/** The way to the Horizon servers of this process: paced, and counted. */
export function openNodes(
  settings: Pick<SubmissionSettings, 'HORIZON_URL' | 'NETWORK_PASSPHRASE'>,
  metrics: MetricsRegistry,
): OpenNodes {
  const { HORIZON_URL: horizonUrls, NETWORK_PASSPHRASE: networkPassphrase } = settings;
  const perPayment = new CallsPerPayment(metrics, () => performance.now());
  const nodeMetrics = new NodeMetrics(metrics, horizonUrls, perPayment);
  const http = new PacedTransport({
    http: new HttpClient(),
    nodes: horizonUrls,
    onCall: (call) => {
      nodeMetrics.ended(call);
    },
  });
  nodeMetrics.showBudgets(() => http.budgets());
  return { horizon: { horizonUrls, networkPassphrase, http }, perPayment };
}
