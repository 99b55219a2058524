import type { MetricsRegistry } from '@libs/observability';
import {
  type AttemptRepository,
  ChannelAccountRepository,
  DatabaseIdentityRepository,
  FindingRepository,
  ReconciliationRepository,
  RestoredPayments,
} from '@libs/submissions';

import type { EngineContext } from '../engine-context';
import { OutflowComparison } from '../reconciler/outflow-comparison.service';
import { RestoreComparison } from './restore-comparison.service';
import { RestoreGuard } from './restore-guard';

export function assembleRestoreGuard(
  context: EngineContext,
  options: {
    readonly attempts: AttemptRepository;
    readonly metrics: MetricsRegistry;
    /** The address of the host account. */
    readonly host: string;
  },
): RestoreGuard {
  const { attempts, metrics, host } = options;
  const identity = new DatabaseIdentityRepository();
  const books = new ReconciliationRepository();
  const comparison = new RestoreComparison(context, {
    identity,
    channels: new ChannelAccountRepository(),
    books,
    restored: new RestoredPayments(),
    outflows: new OutflowComparison(context, books),
    host,
  });
  return new RestoreGuard(context, {
    identity,
    attempts,
    findings: new FindingRepository(),
    comparison,
    metrics,
  });
}
