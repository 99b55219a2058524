import type { EventContract, EventEnvelope } from '@libs/contracts';
import { invariant } from '@libs/kernel';
import type { Logger } from '@libs/observability';
import type { TenantTx, UnitOfWork } from '@libs/persistence';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';

import type { Depth } from './depths.read-model';
import { asError } from './as-error';
import type { EventHandler, Outcome } from './event-handler';
import { EventProcessor } from './event-processor';
import { type ConsumerMetrics, startTopic } from './eventing-metrics';
import type { RetryPolicy } from './retry-policy';
import type { Subscription } from './subscription';
import { Wakeable } from './wakeable';

export interface EventServerOptions {
  readonly unit: UnitOfWork;
  readonly group: string;
  /** Where the contract of an `@EventPattern` method's topic is looked up. */
  readonly contracts: readonly EventContract[];
  readonly retryPolicy: RetryPolicy;
  /** How many events are handled at once. */
  readonly concurrency: number;
  readonly logger: Logger;
  readonly metrics: ConsumerMetrics;
}

const RETRIES_PER_RUN_MAX = 500;
const LOOK_FOR_RETRIES_EVERY_MS = 1_000;

/**
 * What both transports have in common: a Nest server whose handlers are `@EventPattern<string>(topic)` methods or
 * `EventHandler`s, both registered by `addHandler`. A method takes `(@Payload() event, @Ctx() tx)` and answers an `Outcome`.
 */
export abstract class EventServer extends Server implements CustomTransportStrategy {
  private readonly retryPause = new Wakeable();
  private listening: Promise<void> | null = null;
  private retrying: Promise<void> | null = null;
  private stopAsked = false;

  constructor(protected readonly options: EventServerOptions) {
    super();
  }

  addEventHandler(handler: EventHandler): void {
    const callback: MessageHandler<EventEnvelope, TenantTx, Outcome> = async (event, tx) => {
      invariant(tx !== undefined, 'the runner hands over the database transaction');
      // The processor has checked the event against this handler's contract.
      return await handler.handle(tx, event);
    };
    this.addHandler(handler.contract.topic, callback, true, {
      contract: handler.contract,
      name: handler.constructor.name,
      together: handler.together || handler.handleAll !== undefined,
      handleAll: handler.handleAll?.bind(handler),
    });
  }

  /** Resolves, after the call of `ready`, when events are being consumed. A second call joins the first. */
  async listen(ready: (error?: unknown) => void): Promise<void> {
    try {
      this.listening ??= this.startOnce();
      await this.listening;
      ready();
    } catch (error) {
      ready(error);
    }
  }

  private async startOnce(): Promise<void> {
    const processor = new EventProcessor({ ...this.options, subscriptions: this.subscriptions() });
    for (const topic of processor.topics) startTopic(this.options.metrics, topic);
    if (processor.topics.length === 0) return;
    await this.startConsuming(processor);
    this.retrying = this.retryLoop(processor);
  }

  /** Finishes what is in flight; nothing is handled after it resolves. */
  async close(): Promise<void> {
    this.stopAsked = true;
    this.retryPause.wake();
    await this.stopConsuming();
    await this.retrying;
  }

  on(): void {
    // Events of the connection are logged where they happen; the framework needs none of them.
  }

  unwrap<T>(): T {
    throw new Error('this transport has no client to hand out');
  }

  /** What this process handles. */
  get topics(): readonly string[] {
    return [...this.getHandlers().keys()];
  }

  /** How many events each topic has that its group has not passed yet. */
  abstract lag(): Promise<readonly Depth[]>;
  /** Why events are not consumed now; none when they are. */
  abstract problems(): readonly string[];
  protected abstract startConsuming(processor: EventProcessor): Promise<void>;
  protected abstract stopConsuming(): Promise<void>;

  /** False from the call of `close` on. */
  protected goesOn(): boolean {
    return !this.stopAsked;
  }

  protected readonly retryAdded = (): void => this.retryPause.wake();

  private subscriptions(): Subscription[] {
    return [...this.getHandlers()].map(([topic, handler]) => {
      invariant(handler.next === undefined, `${this.options.group} has two handlers for ${topic}`);
      const contract = contractOf(handler) ?? this.options.contracts.find((one) => one.topic === topic);
      invariant(contract !== undefined, `there is no contract for the topic ${topic}`);
      const name: unknown = handler.extras?.['name'];
      return {
        contract,
        name: typeof name === 'string' ? name : topic,
        together: handler.extras?.['together'] === true,
        handleAll: handleAllOf(handler),
        handle: async (tx, event) => outcomeOf(topic, await handler(event, tx)),
      };
    });
  }

  private async retryLoop(processor: EventProcessor): Promise<void> {
    while (this.goesOn()) {
      const dueInMs = await processor
        .drainWaiting(RETRIES_PER_RUN_MAX, () => this.goesOn())
        .catch((error: unknown) => {
          this.options.logger.warn({ error }, 'retries pause');
          return null;
        });
      // At least a little, so that events which other replicas have locked are not asked for in a tight loop.
      await this.retryPause.wait(Math.max(5, Math.min(dueInMs ?? Infinity, LOOK_FOR_RETRIES_EVERY_MS)));
    }
  }
}

function contractOf(handler: MessageHandler): EventContract | undefined {
  const contract: unknown = handler.extras?.['contract'];
  // Only `addEventHandler` writes this extra.
  return contract === undefined ? undefined : (contract as EventContract);
}

function handleAllOf(handler: MessageHandler): Subscription['handleAll'] {
  // As above.
  return handler.extras?.['handleAll'] as Subscription['handleAll'];
}

async function outcomeOf(topic: string, answer: unknown): Promise<Outcome> {
  const value: unknown = isObservable(answer) ? await lastValueFrom(answer).catch(rethrow) : answer;
  if (typeof value === 'object' && value !== null && 'kind' in value) {
    if (value.kind === 'done') return { kind: 'done' };
    if (value.kind === 'park' && 'reason' in value) return { kind: 'park', reason: String(value.reason) };
  }
  throw new Error(`the handler of ${topic} must answer done or park`);
}

/** The framework's exception filter makes a plain object of an error. */
function rethrow(thrown: unknown): never {
  throw asError(thrown);
}
