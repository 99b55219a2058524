import type { MetricsRegistry } from '@libs/observability';

import type { LedgerWatch } from './ledger-watch';
import { nodeNames } from './node-metrics';

/** Shows how old the newest ledger is, how far each node has come, and whether they are on our network. */
export function observeLedger(metrics: MetricsRegistry, watch: LedgerWatch): void {
  metrics.gauge<never>({ name: 'tss_ledger_sequence', help: 'The newest ledger that is known.' }, (gauge) => {
    if (watch.latest !== null) gauge.set({}, watch.latest.sequence);
  });
  metrics.gauge<never>(
    {
      name: 'tss_ledger_age_seconds',
      help: 'Seconds since the newest ledger arrived; nothing is signed when it is over 20.',
    },
    (gauge) => {
      if (watch.ageMs !== null) gauge.set({}, watch.ageMs / 1_000);
    },
  );
  metrics.gauge<never>(
    {
      name: 'tss_ledger_mismatch',
      help: '1 while a node shows another network or another history than ours, and nothing is signed.',
    },
    (gauge) => {
      gauge.set({}, watch.mismatch === null ? 0 : 1);
    },
  );
  metrics.gauge<'node'>(
    {
      name: 'tss_node_ingestion_age_seconds',
      help: 'How long before it was asked the newest ledger of a node had closed; a node may be green and ingest nothing.',
      labels: ['node'],
    },
    (gauge) => {
      eachNode(watch, (node, { ageSeconds }) => {
        if (ageSeconds !== null) gauge.set({ node }, ageSeconds);
      });
    },
  );
  metrics.gauge<'node'>(
    {
      name: 'tss_node_ledgers_behind',
      help: 'By how many ledgers a node was behind the newest one when it was asked.',
      labels: ['node'],
    },
    (gauge) => {
      eachNode(watch, (node, { ledgersBehind }) => {
        if (ledgersBehind !== null) gauge.set({ node }, ledgersBehind);
      });
    },
  );
  metrics.gauge<'node'>(
    {
      name: 'tss_node_up',
      help: '1 when a node told its newest ledger when it was last asked.',
      labels: ['node'],
    },
    (gauge) => {
      eachNode(watch, (node, { latest }) => {
        gauge.set({ node }, latest === null ? 0 : 1);
      });
    },
  );
}

function eachNode(
  { nodes }: LedgerWatch,
  show: (node: string, state: LedgerWatch['nodes'][number]) => void,
): void {
  const names = nodeNames(nodes.map(({ url }) => url));
  for (const state of nodes) show(names.get(state.url) ?? '', state);
}
