import type { EventEnvelope, EventError } from '@libs/contracts';
import { withTrace } from '@libs/observability';

import type { BatchProcessor } from './batch-processor';
import { insertDeadLetter } from './dead-letter.repository';
import { type Result, RetryIntake } from './intake';
import { isOutage } from './outage';
import { parseEvent } from './parse-event';
import {
  deleteWaiting,
  dueWaiting,
  nextDueInMs,
  postponeWaiting,
  type WaitingEvent,
} from './retry.repository';
import { retryDelayMs } from './retry-policy';
import { attemptAlone, eventErrorOf, NotMine, Parked } from './single-attempt';
import type { EventProcessorOptions, Subscription } from './subscription';

const ERRORS_KEPT_MAX = 20;
/** Events that are fetched at once. Each has at most 48 KiB. */
const FETCHED_MAX = 200;
/** So often the database may go away with the same event before that counts as a failure of the event. */
const OUTAGES_BEFORE_BLAME = 20;

/**
 * Tries the events again that wait in `eventing.retry` and are due, with what waits behind them: several of a tenant in one
 * database transaction where their handler allows it, as when they came from the transport. A failure counts only when the
 * event was alone.
 */
export class RetryRound {
  private readonly intake: RetryIntake;
  /** The database went away in the round before: nobody shares a database transaction until a round has passed. */
  private singly = false;
  /** How often it went away with the event at this position, since the last round that passed. */
  private readonly outages = new Map<bigint, number>();

  constructor(
    private readonly options: EventProcessorOptions,
    private readonly batches: BatchProcessor,
    private readonly subscriptions: ReadonlyMap<string, Subscription>,
  ) {
    this.intake = new RetryIntake(options.group, (waiting) => this.one(waiting));
  }

  /** Tries at most `max` events. Returns the milliseconds until the next is due; null when none waits. */
  async drain(max: number, goOn: () => boolean): Promise<number | null> {
    const { unit, group } = this.options;
    const topics = [...this.subscriptions.keys()];
    try {
      for (let tried = 0; tried < max && goOn();) {
        const due = await unit.runSystem('events whose retry is due', (tx) =>
          dueWaiting(tx, group, topics, Math.min(FETCHED_MAX, max - tried)),
        );
        tried += due.length;
        // None is due, or all of them are with another replica at this moment.
        if ((await this.handle(due, goOn)) === 0) break;
      }
      if (!goOn()) return 0;
      this.singly = false;
      this.outages.clear();
    } catch (error) {
      this.singly = true;
      throw error;
    }
    return await unit.runSystem('when the next retry is due', (tx) => nextDueInMs(tx, group, topics));
  }

  /** How many were ours to handle. */
  private async handle(due: readonly WaitingEvent[], goOn: () => boolean): Promise<number> {
    let handled = 0;
    const suspicionOf = ({ position }: WaitingEvent): number => this.outages.get(position) ?? 0;
    for (const [topic, records] of Map.groupBy(due, (waiting) => waiting.topic)) {
      const subscription = this.subscriptions.get(topic);
      if (subscription === undefined) continue;
      // Whoever may be the one that breaks connections keeps nobody else waiting.
      const ordered = records.toSorted((one, other) => suspicionOf(one) - suspicionOf(other));
      const { singly, intake } = this;
      handled += await this.batches.process(
        ordered,
        { subscription, intake, singly },
        {
          goOn,
          passed: () => undefined,
          putAside: () => undefined,
        },
      );
    }
    return handled;
  }

  private async one(waiting: WaitingEvent): Promise<Result> {
    const subscription = this.subscriptions.get(waiting.topic);
    if (subscription === undefined) return 'left';
    const parsed = parseEvent(waiting, subscription.contract);
    if (!parsed.ok) {
      const { event, reason } = parsed.error;
      return await this.giveUp(waiting, event, { reason, errors: waiting.errors });
    }
    const event = parsed.value;
    return await withTrace({ tenantId: event.tenant_id, trace: event.trace }, async () => {
      try {
        const result = await attemptAlone(this.options, event, subscription, waiting);
        this.options.metrics.handled.add({ topic: waiting.topic, result });
        return result;
      } catch (error) {
        if (error instanceof NotMine) return 'left';
        if (error instanceof Parked) {
          return await this.giveUp(waiting, event, { reason: error.message, errors: waiting.errors });
        }
        if (isOutage(error)) this.suspect(waiting, error);
        return await this.failAgain(waiting, event, { subscription, error });
      }
    });
  }

  /** Throws the outage, unless there were so many with this very event that it is to blame. */
  private suspect({ position }: WaitingEvent, error: unknown): void {
    const outages = (this.outages.get(position) ?? 0) + 1;
    this.outages.set(position, outages);
    if (outages < OUTAGES_BEFORE_BLAME) throw error;
  }

  private async failAgain(
    waiting: WaitingEvent,
    event: EventEnvelope,
    { subscription, error }: { readonly subscription: Subscription; readonly error: unknown },
  ): Promise<Result> {
    const { unit, retryPolicy, logger, metrics } = this.options;
    const tries = waiting.tries + 1;
    const errors = [...waiting.errors, eventErrorOf(error, subscription.name, tries)].slice(-ERRORS_KEPT_MAX);
    logger.warn({ error, topic: waiting.topic, eventId: event.id, tries }, 'an event was not handled again');
    metrics.handled.add({ topic: waiting.topic, result: 'failed' });
    if (tries >= retryPolicy.triesMax) {
      const reason = `failed ${tries} times: ${errors.at(-1)?.error_message ?? ''}`;
      return await this.giveUp(waiting, event, { reason, errors });
    }
    const counted = await unit.runSystem('an event that failed again', (tx) =>
      postponeWaiting(tx, waiting, { errors, delayMs: retryDelayMs(retryPolicy, tries) }),
    );
    return counted ? 'failed' : 'left';
  }

  private async giveUp(
    waiting: WaitingEvent,
    event: EventEnvelope | null,
    { reason, errors }: { readonly reason: string; readonly errors: readonly EventError[] },
  ): Promise<Result> {
    const { unit, group, logger, metrics } = this.options;
    logger.error({ topic: waiting.topic, eventId: event?.id, reason }, 'an event became a dead letter');
    metrics.handled.add({ topic: waiting.topic, result: 'parked' });
    await unit.runSystem('an event that became a dead letter', async (tx) => {
      // Whoever deletes the row writes the letter, so that two replicas do not write two.
      const deleted = await deleteWaiting(tx, [waiting.position]);
      if (deleted === 1)
        await insertDeadLetter(tx, { consumer: group, record: waiting, event, reason, errors });
    });
    return 'parked';
  }
}
