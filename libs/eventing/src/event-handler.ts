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
 * event itself names, or records a work item for a job. It may see an event again after a failure, never after success;
 * so whatever it did must be undone by a rollback, in memory too, or do no harm when it is done twice.
 */
export abstract class EventHandler<C extends EventContract = EventContract> {
  abstract readonly contract: C;
  /**
   * Whether several events of a tenant may share a database transaction (docs/adr/0033), which is what makes many small
   * events fast. Only for a handler that inserts rows or writes nothing: whoever updates rows of several events in one
   * database transaction locks them in the order of the events, and two of those wait for each other.
   */
  readonly together: boolean = false;
  /**
   * The effect of `handle` for each of several events of a tenant, in few statements. For a handler that has it events come
   * together; it may update rows, if one statement locks those of all events. When it throws, all is undone and the events
   * come again in smaller sets, down to one, which `handle` gets. `tx` has no trace: what is published names its event's.
   */
  handleAll?(tx: TenantTx, events: readonly EventOf<C>[]): Promise<void>;
  abstract handle(tx: TenantTx, event: EventOf<C>): Promise<Outcome>;
}
