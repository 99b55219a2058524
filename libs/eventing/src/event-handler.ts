import type { EventContract, EventOf } from '@libs/contracts';
import type { TenantTx } from '@libs/persistence';

/** What a handler answers. To have the event again later, it throws. */
export type Outcome = { readonly kind: 'done' } | { readonly kind: 'park'; readonly reason: string };

export const done: Outcome = { kind: 'done' };

/** This event can never be handled as it is: what the handler wrote is undone, and a person decides. */
export const park = (reason: string): Outcome => ({ kind: 'park', reason });

/**
 * Handles the events of one topic for one group.
 *
 * `handle` runs inside the database transaction of the event's tenant, which also holds the mark that this event was
 * handled: both are committed, or neither. So it must be short and call nothing outside (rule 5): it moves what the
 * event itself names, or records a work item for a job. It may see an event again after a failure, never after success.
 */
export abstract class EventHandler<C extends EventContract = EventContract> {
  abstract readonly contract: C;
  abstract handle(tx: TenantTx, event: EventOf<C>): Promise<Outcome>;
}
