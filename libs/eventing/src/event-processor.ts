import type { EventEnvelope, EventError } from '@libs/contracts';
import { childTrace, scrubText, withTrace } from '@libs/observability';

import { BatchProcessor, type Course } from './batch-processor';
import { insertDeadLetter } from './dead-letter.repository';
import { type EventRecord, storable } from './event-record';
import { OutageError } from './eventing.errors';
import type { Processed } from './eventing-metrics';
import { enterInbox } from './inbox.repository';
import { KnownTenants } from './known-tenants.repository';
import { isOutage } from './outage';
import { parseEvent } from './parse-event';
import {
  deleteWaiting,
  dueWaiting,
  insertWaiting,
  lockWaiting,
  nextDueInMs,
  postponeWaiting,
  type WaitingEvent,
} from './retry.repository';
import { retryDelayMs } from './retry-policy';
import type { EventProcessorOptions, Subscription } from './subscription';

class Parked extends Error {}
class NotMine extends Error {}

const ERROR_TEXT_MAX = 500;
const ERRORS_KEPT_MAX = 20;
const DUE_BATCH = 50;

/**
 * What happens to one event, whatever brought it: parse, then in the tenant's database transaction the inbox, the
 * handler and the commit; a failure is written to `eventing.retry` before this returns. It throws only an
 * `OutageError`, after which the same event is to be delivered again.
 */
export class EventProcessor {
  private readonly subscriptions: ReadonlyMap<string, Subscription>;
  private readonly tenants: KnownTenants;
  private readonly batches: BatchProcessor;

  constructor(private readonly options: EventProcessorOptions) {
    this.subscriptions = new Map(options.subscriptions.map((one) => [one.contract.topic, one]));
    this.tenants = new KnownTenants(options.unit);
    this.batches = new BatchProcessor(options, this.tenants, (record) => this.process(record));
  }

  get topics(): readonly string[] {
    return [...this.subscriptions.keys()];
  }

  get subscribed(): readonly Subscription[] {
    return this.options.subscriptions;
  }

  /** `blame`: deliveries of this very event broke the connection so often that it counts as its failure. */
  async process(record: EventRecord, { blame = false } = {}): Promise<Processed> {
    return await this.orOutage(async () => {
      const processed = await this.deliver(record, this.subscriptionOf(record), blame);
      this.options.metrics.handled.add({ topic: record.topic, result: processed });
      return processed;
    });
  }

  /** What was fetched of one partition, in its order. Throws as `process`. */
  async processBatch<R extends EventRecord>(records: readonly R[], course: Course<R>): Promise<void> {
    const [first] = records;
    if (first !== undefined) await this.batches.process(records, this.subscriptionOf(first), course);
  }

  private subscriptionOf({ topic }: EventRecord): Subscription {
    const subscription = this.subscriptions.get(topic);
    if (subscription === undefined) throw new Error(`nobody here handles ${topic}`);
    return subscription;
  }

  private async deliver(record: EventRecord, subscription: Subscription, blame: boolean): Promise<Processed> {
    const parsed = parseEvent(record, subscription.contract);
    if (!parsed.ok) return await this.park(record, parsed.error.event, parsed.error.reason);
    const event = parsed.value;
    if (!(await this.tenants.has(event.tenant_id))) return await this.park(record, event, 'unknown tenant');
    return await withTrace({ tenantId: event.tenant_id, trace: event.trace }, async () => {
      try {
        const entry = await this.attempt(event, subscription);
        if (entry === 'waiting') await this.wait(record, event, subscription);
        return entry;
      } catch (error) {
        if (error instanceof Parked) return await this.park(record, event, error.message);
        if (isOutage(error) && !blame) throw error;
        await this.fail(record, event, { subscription, error });
        return 'failed';
      }
    });
  }

  private async attempt(
    event: EventEnvelope,
    subscription: Subscription,
    waiting?: WaitingEvent,
  ): Promise<'done' | 'duplicate' | 'waiting'> {
    const { unit, group, metrics } = this.options;
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
      if (waiting !== undefined) await deleteWaiting(tx, waiting.position);
      return entry === 'fresh' ? 'done' : entry;
    });
    const topic = subscription.contract.topic;
    if (result === 'done') {
      metrics.duration.observe({ topic }, (performance.now() - startedAt) / 1000);
      metrics.lag.observe({ topic }, Math.max(0, Date.now() - Date.parse(event.occurred_at)) / 1000);
    }
    return result;
  }

  /** Behind an earlier event of its key. */
  private async wait(record: EventRecord, event: EventEnvelope, { contract }: Subscription): Promise<void> {
    await this.options.unit.runSystem('an event waits behind another of its key', (tx) =>
      insertWaiting(
        tx,
        {
          consumer: this.options.group,
          ordered: contract.order === 'key',
          tries: 0,
          errors: [],
          delayMs: 0,
        },
        [{ record, event }],
      ),
    );
  }

  private async fail(
    record: EventRecord,
    event: EventEnvelope,
    { subscription, error }: { subscription: Subscription; error: unknown },
  ): Promise<void> {
    const { unit, group, retryPolicy, logger } = this.options;
    const errors = [eventErrorOf(error, subscription.name, 1)];
    logger.warn({ error, topic: record.topic, eventId: event.id, tries: 1 }, 'an event was not handled');
    await unit.runSystem('an event that failed', async (tx) => {
      if (retryPolicy.triesMax <= 1) {
        const reason = `failed 1 time: ${errors[0]?.error_message ?? ''}`;
        await insertDeadLetter(tx, { consumer: group, record, event, reason, errors });
        return;
      }
      const ordered = subscription.contract.order === 'key';
      const delayMs = retryDelayMs(retryPolicy, 1);
      await insertWaiting(tx, { consumer: group, ordered, tries: 1, errors, delayMs }, [{ record, event }]);
    });
  }

  /** Nobody can handle it as it is. The bytes are kept for a person. */
  private async park(record: EventRecord, event: EventEnvelope | null, reason: string): Promise<'parked'> {
    const { unit, group, logger } = this.options;
    logger.error({ topic: record.topic, eventId: event?.id, reason }, 'an event was parked');
    await unit.runSystem('an event that nobody can handle', (tx) =>
      insertDeadLetter(tx, { consumer: group, record, event, reason, errors: event?.errors ?? [] }),
    );
    return 'parked';
  }

  /** Tries waiting events whose time has come, at most `max` of them. Returns the milliseconds until the next is due. */
  async drainWaiting(max: number, goOn: () => boolean): Promise<number | null> {
    return await this.orOutage(async () => {
      const { unit, group } = this.options;
      for (let tried = 0; tried < max && goOn();) {
        const due = await unit.runSystem('events whose retry is due', (tx) =>
          dueWaiting(tx, group, this.topics, Math.min(DUE_BATCH, max - tried)),
        );
        if (due.length === 0) break;
        tried += due.length;
        let advanced = 0;
        for (const waiting of due) {
          if (!goOn()) return 0;
          if (await this.retry(waiting)) advanced += 1;
        }
        // All of them are with another replica at this moment.
        if (advanced === 0) break;
      }
      return await unit.runSystem('when the next retry is due', (tx) => nextDueInMs(tx, group, this.topics));
    });
  }

  /** False when another replica was faster. */
  private async retry(waiting: WaitingEvent): Promise<boolean> {
    const subscription = this.subscriptions.get(waiting.topic);
    if (subscription === undefined) return false;
    const parsed = parseEvent(waiting, subscription.contract);
    if (!parsed.ok) {
      await this.giveUp(waiting, parsed.error.event, { reason: parsed.error.reason, errors: waiting.errors });
      return true;
    }
    const event = parsed.value;
    return await withTrace({ tenantId: event.tenant_id, trace: event.trace }, async () => {
      try {
        const result = await this.attempt(event, subscription, waiting);
        this.options.metrics.handled.add({ topic: waiting.topic, result });
        return true;
      } catch (error) {
        if (error instanceof NotMine) return false;
        return await this.failAgain(waiting, event, { subscription, error });
      }
    });
  }

  private async failAgain(
    waiting: WaitingEvent,
    event: EventEnvelope,
    { subscription, error }: { subscription: Subscription; error: unknown },
  ): Promise<boolean> {
    const { unit, retryPolicy, logger, metrics } = this.options;
    if (error instanceof Parked) {
      await this.giveUp(waiting, event, { reason: error.message, errors: waiting.errors });
      return true;
    }
    if (isOutage(error)) throw error;
    const tries = waiting.tries + 1;
    const errors = [...waiting.errors, eventErrorOf(error, subscription.name, tries)].slice(-ERRORS_KEPT_MAX);
    logger.warn({ error, topic: waiting.topic, eventId: event.id, tries }, 'an event was not handled again');
    metrics.handled.add({ topic: waiting.topic, result: 'failed' });
    if (tries >= retryPolicy.triesMax) {
      const reason = `failed ${tries} times: ${errors.at(-1)?.error_message ?? ''}`;
      await this.giveUp(waiting, event, { reason, errors });
      return true;
    }
    return await unit.runSystem('an event that failed again', (tx) =>
      postponeWaiting(tx, waiting, { errors, delayMs: retryDelayMs(retryPolicy, tries) }),
    );
  }

  private async giveUp(
    waiting: WaitingEvent,
    event: EventEnvelope | null,
    { reason, errors }: { reason: string; errors: readonly EventError[] },
  ): Promise<void> {
    const { unit, group, logger, metrics } = this.options;
    logger.error({ topic: waiting.topic, eventId: event?.id, reason }, 'an event became a dead letter');
    metrics.handled.add({ topic: waiting.topic, result: 'parked' });
    await unit.runSystem('an event that became a dead letter', async (tx) => {
      // Whoever deletes the row writes the letter, so that two replicas do not write two.
      const deleted = await tx.execute('DELETE FROM eventing.retry WHERE position = $1', [waiting.position]);
      if (deleted === 1)
        await insertDeadLetter(tx, { consumer: group, record: waiting, event, reason, errors });
    });
  }

  private async orOutage<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof OutageError) throw error;
      throw new OutageError('an event cannot be handled now', { cause: error });
    }
  }
}

/** Bounded, and without what a message may repeat of a person's data. */
const eventErrorOf = (error: unknown, handlerName: string, attempt: number): EventError => ({
  failed_at: new Date().toISOString(),
  handler_name: handlerName.slice(0, 200),
  error_message: storable(scrubText(error instanceof Error ? error.message : String(error))).slice(
    0,
    ERROR_TEXT_MAX,
  ),
  attempt,
});
