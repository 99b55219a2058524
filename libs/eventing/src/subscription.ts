import type { EventContract, EventEnvelope } from '@libs/contracts';
import type { Logger } from '@libs/observability';
import type { TenantTx, UnitOfWork } from '@libs/persistence';

import type { Outcome } from './event-handler';
import type { ConsumerMetrics } from './eventing-metrics';
import type { RetryPolicy } from './retry-policy';

/** One topic's handler as the runner calls it. `name` stands in errors and histories. */
export interface Subscription {
  readonly contract: EventContract;
  readonly name: string;
  /** Whether several events of a tenant may share a database transaction. */
  readonly together: boolean;
  readonly handle: (tx: TenantTx, event: EventEnvelope) => Promise<Outcome>;
  /** All of them or none. */
  readonly handleAll: ((tx: TenantTx, events: readonly EventEnvelope[]) => Promise<void>) | undefined;
}

export interface EventProcessorOptions {
  readonly unit: UnitOfWork;
  /** The consumer group: each group handles each event once. */
  readonly group: string;
  readonly subscriptions: readonly Subscription[];
  readonly retryPolicy: RetryPolicy;
  readonly logger: Logger;
  readonly metrics: ConsumerMetrics;
}
