import type { EventEnvelope } from '@libs/contracts';
import { withTrace } from '@libs/observability';

import { BatchProcessor, type Course } from './batch-processor';
import { insertDeadLetter } from './dead-letter.repository';
import type { EventRecord } from './event-record';
import { OutageError } from './eventing.errors';
import type { Processed } from './eventing-metrics';
import { PartitionIntake } from './intake';
import { KnownTenants } from './known-tenants.repository';
import { isOutage } from './outage';
import { parseEvent } from './parse-event';
import { insertWaiting } from './retry.repository';
import { retryDelayMs } from './retry-policy';
import { RetryRound } from './retry-round';
import { attemptAlone, eventErrorOf, Parked } from './single-attempt';
import type { EventProcessorOptions, Subscription } from './subscription';

/**
 * What happens to one event, whatever brought it: parse, then in the tenant's database transaction the inbox, the
 * handler and the commit; a failure is written to `eventing.retry` before this returns. It throws only an
 * `OutageError`, after which the same event is to be delivered again.
 */
export class EventProcessor {
  private readonly subscriptions: ReadonlyMap<string, Subscription>;
  private readonly tenants: KnownTenants;
  private readonly batches: BatchProcessor;
  private readonly intake: PartitionIntake;
  private readonly retries: RetryRound;

  constructor(private readonly options: EventProcessorOptions) {
    this.subscriptions = new Map(options.subscriptions.map((one) => [one.contract.topic, one]));
    this.tenants = new KnownTenants(options.unit);
    this.batches = new BatchProcessor(options, this.tenants);
    this.intake = new PartitionIntake(options.group, (record) => this.process(record));
    this.retries = new RetryRound(options, this.batches, this.subscriptions);
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
    if (first === undefined) return;
    const { intake } = this;
    await this.batches.process(records, { subscription: this.subscriptionOf(first), intake }, course);
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
        const entry = await attemptAlone(this.options, event, subscription);
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

  /** As `RetryRound.drain`. Throws only an `OutageError`. */
  async drainWaiting(max: number, goOn: () => boolean): Promise<number | null> {
    return await this.orOutage(() => this.retries.drain(max, goOn));
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
