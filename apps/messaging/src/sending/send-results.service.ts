import type { Delivered, SendQueueRepository, Undelivered } from '@libs/messages';
import type { UnitOfWork } from '@libs/persistence';
import type { InvitationStampsRepository } from '@libs/receivers';
import { setTimeout as delay } from 'node:timers/promises';

/** What comes of a message that was taken; `unreadable`: it could not be opened, and no provider saw it. */
export const MESSAGE_RESULTS = ['delivered', 'undelivered', 'unreadable'] as const;
export type MessageResult = (typeof MESSAGE_RESULTS)[number];
export type SendResult =
  ({ readonly kind: 'delivered' } & Delivered) | ({ readonly kind: 'undelivered' } & Undelivered);

interface Waiting {
  readonly tenantId: string;
  readonly result: SendResult;
  readonly settle: () => void;
}

export interface SendResultsDependencies {
  readonly work: UnitOfWork;
  readonly queue: SendQueueRepository;
  readonly stamps: InvitationStampsRepository;
  readonly onLost: (error: unknown, results: number) => void;
}

const WRITE_TRIES_MAX = 5;
const WRITE_RETRY_MS = 200;
const ACTOR = 'system:send-message';

/**
 * Writes each result down as it comes. Results that arrive while one write is under way go together in the next,
 * so that a thousand messages do not cost a thousand commits one after another.
 */
export class SendResults {
  private waiting: Waiting[] = [];
  private writing = false;

  constructor(private readonly dependencies: SendResultsDependencies) {}

  /** Resolves when the result is committed, or when it could not be: then the lease ends and the message goes again. */
  async record(tenantId: string, result: SendResult): Promise<void> {
    await new Promise<void>((resolve) => {
      this.waiting.push({ tenantId, result, settle: resolve });
      void this.write();
    });
  }

  private async write(): Promise<void> {
    if (this.writing) return;
    this.writing = true;
    try {
      while (this.waiting.length > 0) {
        const batch = this.waiting;
        this.waiting = [];
        for (const tenantId of new Set(batch.map((one) => one.tenantId))) {
          await this.writeFor(
            tenantId,
            batch.filter((one) => one.tenantId === tenantId),
          );
        }
      }
    } finally {
      this.writing = false;
    }
  }

  private async writeFor(tenantId: string, batch: readonly Waiting[]): Promise<void> {
    const results = batch.map((one) => one.result);
    for (let tries = 1; ; tries += 1) {
      try {
        await this.commit(tenantId, results);
        break;
      } catch (error) {
        if (tries >= WRITE_TRIES_MAX) {
          this.dependencies.onLost(error, results.length);
          break;
        }
        await delay(WRITE_RETRY_MS * 2 ** tries);
      }
    }
    for (const one of batch) one.settle();
  }

  private async commit(tenantId: string, results: readonly SendResult[]): Promise<void> {
    const { work, queue, stamps } = this.dependencies;
    const delivered = results.filter((result) => result.kind === 'delivered');
    const undelivered = results.filter((result) => result.kind === 'undelivered');
    await work.run({ tenantId, actor: ACTOR, trace: '' }, async (tx) => {
      if (delivered.length > 0) {
        const moved = await queue.deliver(tx, delivered);
        const invited = moved.flatMap((row) =>
          row.kind === 'invitation' && row.receiver_wallet_id !== null ? [row.receiver_wallet_id] : [],
        );
        await stamps.invited(tx, invited);
      }
      if (undelivered.length > 0) await queue.notDelivered(tx, undelivered);
    });
  }
}
