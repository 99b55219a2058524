import type { Clock } from '@libs/kernel';
import type { LedgerHeader } from '@libs/ledger';
import type { MetricsRegistry } from '@libs/observability';
import { FindingRepository, ReconciliationRepository } from '@libs/submissions';

import type { EngineContext } from '../engine-context';
import { RepeatedWork } from '../repeated-work';
import { OutflowComparison } from './outflow-comparison.service';
import { Reconciler } from './reconciler.service';
import { ReconcilerMetrics } from './reconciler-metrics';

export interface ReconcilerWorkOptions {
  /** The address of the host account. */
  readonly host: string;
  readonly newest: () => LedgerHeader | null;
  readonly metrics: MetricsRegistry;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * A run costs a few statements and a call for each paying account: two when nothing left it in the newest ledger, and more only
 * when over a hundred ledger transactions are to be compared.
 */
const EVERY_MS = 30_000;

/** The reconciler as a piece of work that always runs. */
export function reconcilerWork(
  context: Pick<EngineContext, 'uow' | 'reader' | 'logger'>,
  { host, newest, metrics: registry, clock }: ReconcilerWorkOptions,
): RepeatedWork {
  const [books, findings, metrics] = [
    new ReconciliationRepository(),
    new FindingRepository(),
    new ReconcilerMetrics(registry),
  ];
  const comparison = new OutflowComparison(context, books);
  const reconciler = new Reconciler(context, { books, findings, comparison, host, newest });
  return new RepeatedWork({
    name: 'reconciler',
    everyMs: EVERY_MS,
    logger: context.logger,
    run: async () => {
      const done = await reconciler.run();
      if (done !== null) metrics.ran(done, clock.now());
      metrics.stands(
        await context.uow.runSystem('how many findings are open', (tx) => findings.countOpen(tx)),
      );
    },
  });
}
