import type { EventEnvelope, EventError } from '@libs/contracts';
import { childTrace, scrubText } from '@libs/observability';

import { storable } from './event-record';
import { enterInbox } from './inbox.repository';
import { deleteWaiting, lockWaiting, type WaitingEvent } from './retry.repository';
import type { EventProcessorOptions, Subscription } from './subscription';

/** The handler said that nobody can handle the event as it is. */
export class Parked extends Error {}
/** A waiting event is with another replica at this moment, done, or not yet due. */
export class NotMine extends Error {}

const ERROR_TEXT_MAX = 500;

/**
 * Handles one event in a database transaction of its own, with the mark that it was handled. `waiting`: its row in
 * `eventing.retry`, which goes with that. Throws `Parked`, `NotMine`, and whatever the handler or PostgreSQL throws.
 */
export async function attemptAlone(
  { unit, group, metrics }: EventProcessorOptions,
  event: EventEnvelope,
  subscription: Subscription,
  waiting?: WaitingEvent,
): Promise<'done' | 'duplicate' | 'waiting'> {
  const startedAt = performance.now();
  const context = {
    tenantId: event.tenant_id,
    actor: `system:${subscription.name}`,
    trace: event.trace === '' ? '' : childTrace(event.trace),
  };
  const result = await unit.run(context, async (tx) => {
    if (waiting !== undefined && !(await lockWaiting(tx, waiting.position))) throw new NotMine();
    // What waits is the first of its key by the look just taken, so nothing can be before it.
    const order = waiting === undefined ? subscription.contract.order : 'none';
    const entry = await enterInbox(tx, group, event, order);
    if (entry === 'fresh') {
      const outcome = await subscription.handle(tx, event);
      if (outcome.kind === 'park') throw new Parked(outcome.reason);
    }
    if (waiting !== undefined) await deleteWaiting(tx, [waiting.position]);
    return entry === 'fresh' ? 'done' : entry;
  });
  const topic = subscription.contract.topic;
  if (result === 'done') {
    metrics.duration.observe({ topic }, (performance.now() - startedAt) / 1000);
    metrics.lag.observe({ topic }, Math.max(0, Date.now() - Date.parse(event.occurred_at)) / 1000);
  }
  return result;
}

/** Bounded, and without what a message may repeat of a person's data. */
export const eventErrorOf = (error: unknown, handlerName: string, attempt: number): EventError => ({
  failed_at: new Date().toISOString(),
  handler_name: handlerName.slice(0, 200),
  error_message: storable(scrubText(error instanceof Error ? error.message : String(error))).slice(
    0,
    ERROR_TEXT_MAX,
  ),
  attempt,
});
