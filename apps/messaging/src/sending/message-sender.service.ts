import { eachTenant } from '@libs/eventing';
import {
  type Channel,
  contactFor,
  type MessageKind,
  type MessageRef,
  type Messenger,
  type SendOutcome,
  type SendQueueRepository,
  type Taken,
  type TakenMessage,
  type UnreadableMessage,
} from '@libs/messages';
import type { TenantTx, UnitOfWork } from '@libs/persistence';

import type { InvitationStandingsReadModel } from '../invitations/invitation-standings.read-model';
import { nextTryInMs } from './retry-delay.policy';
import type { MessageResult, SendResult, SendResults } from './send-results.service';

export interface SentFields {
  readonly tenant: string;
  readonly trace: string;
  readonly messageId: string;
  readonly kind: string;
  readonly try: number;
  readonly result: string;
  readonly reason?: string;
}

/** What the sender tells about its work. Never a contact, a text or a code. */
export interface SenderLog {
  info(fields: SentFields, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface SenderDependencies {
  readonly work: UnitOfWork;
  readonly queue: SendQueueRepository;
  readonly results: SendResults;
  readonly standings: InvitationStandingsReadModel;
  /** The provider of each channel. */
  readonly messengers: Readonly<Record<Channel, Messenger>>;
  readonly log: SenderLog;
  readonly onResult?: (kind: MessageKind, result: MessageResult) => void;
}

export interface SenderOptions {
  /** The most messages that are with providers at once. After a kill −9 at most these are sent twice. */
  readonly inFlightMax: number;
  /** How often the queue is looked at when nobody calls `wake`. */
  readonly sweepEveryMs?: number;
}

/** Shorter than the lease of a taken message, so that its result is still ours to write. */
const PROVIDER_ANSWERS_WITHIN_MS = 15_000;
const SWEEP_EVERY_MS = 1_000;
/** How long an invitation rests that neither may go nor is over, while its disbursement is not paused. */
const WAITING_SECONDS = 60;
const RECOVERED_MAX = 200;
const ACTOR = 'system:send-message';

interface TenantMessages {
  readonly tenantId: string;
  readonly ids: readonly string[];
}

/** Takes due messages, hands them to providers with bounded concurrency, and records each result as it comes. */
export class MessageSender {
  private readonly inFlight = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private woken = false;
  private rouse: (() => void) | null = null;
  private running: Promise<void> | null = null;

  constructor(
    private readonly dependencies: SenderDependencies,
    private readonly options: SenderOptions,
  ) {}

  start(): void {
    this.running ??= this.loop();
  }

  /** There may be something to send. Never needed for correctness: the queue is looked at each second anyway. */
  wake(): void {
    this.woken = true;
    this.rouse?.();
  }

  /** Takes nothing more and waits for what is with the providers. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.rouse?.();
    await this.running;
    await Promise.all(this.inFlight);
  }

  private async loop(): Promise<void> {
    let recoveredAt = 0;
    while (!this.stopping.signal.aborted) {
      this.woken = false;
      let taken = 0;
      try {
        if (performance.now() - recoveredAt >= SWEEP_EVERY_MS) {
          recoveredAt = performance.now();
          await this.recoverAbandoned();
        }
        taken = await this.takeSome(this.options.inFlightMax - this.inFlight.size);
      } catch (error) {
        this.dependencies.log.warn({ error }, 'the queue of messages could not be read');
      }
      if (taken === 0) await this.pause();
    }
  }

  private async pause(): Promise<void> {
    if (this.woken || this.stopping.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.options.sweepEveryMs ?? SWEEP_EVERY_MS);
      this.rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.rouse = null;
  }

  private async takeSome(limit: number): Promise<number> {
    if (limit <= 0) return 0;
    const { work, queue, log } = this.dependencies;
    const due = await work.runSystem('find messages that are due', (tx) => queue.due(tx, limit));
    let passed = 0;
    await eachTenant({ name: ACTOR, logger: log }, byTenant(due), async ({ tenantId, ids }) => {
      const context = { tenantId, actor: ACTOR, trace: '' };
      const { messages, unreadable, aside } = await work.run(context, (tx) => this.takeWanted(tx, ids));
      for (const message of messages) this.launch(message);
      this.tellUnreadable(tenantId, unreadable);
      passed += messages.length + unreadable.length + aside;
    });
    return passed;
  }

  /** Takes what may go, and puts aside what was written before a pause, a cancel or a flag. */
  private async takeWanted(
    tx: TenantTx,
    ids: readonly string[],
  ): Promise<Taken & { readonly aside: number }> {
    const { queue, standings } = this.dependencies;
    const { paused, waiting, over } = await standings.of(tx, ids);
    await queue.restUntilResumed(tx, paused);
    await queue.postpone(tx, waiting, WAITING_SECONDS);
    await queue.giveUpUnwanted(tx, over);
    const aside = new Set([...paused, ...waiting, ...over]);
    const taken = await queue.take(
      tx,
      ids.filter((id) => !aside.has(id)),
    );
    return { ...taken, aside: aside.size };
  }

  private tellUnreadable(tenant: string, unreadable: readonly UnreadableMessage[]): void {
    const [first] = unreadable;
    if (first === undefined) return;
    const { log, onResult } = this.dependencies;
    for (const { kind } of unreadable) onResult?.(kind, 'unreadable');
    log.error(
      { tenant, messages: unreadable.length, messageId: first.id, error: first.error },
      'messages cannot be opened and were given up: see MESSAGE_ENCRYPTION_KEY in docs/keys.md',
    );
  }

  private launch(message: TakenMessage): void {
    const sending = this.send(message).finally(() => {
      this.inFlight.delete(sending);
      // Half a batch at a time: one look at the queue per message would cost more than the message.
      if (this.inFlight.size <= this.options.inFlightMax / 2) this.wake();
    });
    this.inFlight.add(sending);
  }

  private async send(message: TakenMessage): Promise<void> {
    const result = await this.resultOf(message);
    await this.dependencies.results.record(message.tenantId, result);
    this.dependencies.onResult?.(message.kind, result.kind);
    this.dependencies.log.info(
      {
        tenant: message.tenantId,
        trace: message.trace,
        messageId: message.id,
        kind: message.kind,
        try: message.tryNumber,
        result: result.kind,
        ...(result.kind === 'undelivered' ? { reason: result.reason } : {}),
      },
      'handed a message to its provider',
    );
  }

  private async resultOf(message: TakenMessage): Promise<SendResult> {
    const { id, tryNumber, kind } = message;
    let reason = 'the recipient cannot be reached by any channel';
    for (const channel of message.channels) {
      const outcome = await this.ask(message, channel);
      if (outcome === null) continue;
      if (outcome.kind === 'accepted') {
        const { providerMessageId } = outcome;
        return { kind: 'delivered', id, tryNumber, channel, providerMessageId };
      }
      reason = outcome.reason;
      if (outcome.kind === 'retryLater') {
        const wait = nextTryInMs({ kind, tryNumber, afterMs: outcome.afterMs, jitter: Math.random() });
        return { kind: 'undelivered', id, tryNumber, nextTryInMs: wait, reason };
      }
    }
    return { kind: 'undelivered', id, tryNumber, nextTryInMs: null, reason };
  }

  /** Null where the recipient has no contact for the channel. A provider that throws or is silent is asked later. */
  private async ask(message: TakenMessage, channel: Channel): Promise<SendOutcome | null> {
    const recipient = contactFor(message.contacts, channel);
    if (recipient === null) return null;
    const { tenantId, id, kind, title, body } = message;
    try {
      return await this.dependencies.messengers[channel].send(
        { tenantId, messageId: id, kind, channel, recipient, title, body },
        AbortSignal.timeout(PROVIDER_ANSWERS_WITHIN_MS),
      );
    } catch (error) {
      this.dependencies.log.warn({ messageId: id, channel, error }, 'a provider did not answer');
      return { kind: 'retryLater', reason: 'the provider did not answer' };
    }
  }

  private async recoverAbandoned(): Promise<void> {
    const { work, queue, log } = this.dependencies;
    const abandoned = await work.runSystem('find messages whose sender died', (tx) =>
      queue.abandoned(tx, RECOVERED_MAX),
    );
    await eachTenant({ name: ACTOR, logger: log }, byTenant(abandoned), async ({ tenantId, ids }) => {
      const results = abandoned
        .filter((ref) => ids.includes(ref.id))
        .map(({ id, tryNumber }) => ({
          id,
          tryNumber,
          nextTryInMs: nextTryInMs({ kind: 'one_time_code', tryNumber, jitter: 0 }) === null ? null : 0,
          reason: 'its sender died',
        }));
      await work.run({ tenantId, actor: ACTOR, trace: '' }, (tx) => queue.notDelivered(tx, results));
    });
  }
}

function byTenant(refs: readonly MessageRef[]): readonly TenantMessages[] {
  const found = Map.groupBy(refs, ({ tenantId }) => tenantId);
  return [...found].map(([tenantId, own]) => ({ tenantId, ids: own.map(({ id }) => id) }));
}
