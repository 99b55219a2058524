import type { Logger } from '@libs/observability';
import type { Consumer } from 'kafkajs';

interface Handled {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

const FLUSH_EVERY_MS = 500;

/**
 * Offsets of events whose effect is committed, sent to the broker in batches behind them. What is lost of this is
 * delivered again and turned away by the inbox.
 */
export class OffsetCommits {
  private readonly pending = new Map<string, Handled>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly consumer: Consumer,
    private readonly logger: Logger,
  ) {
    this.timer = setInterval(() => void this.flush(), FLUSH_EVERY_MS);
    // After a rebalance a partition may be another replica's, whose offset must not be set back.
    consumer.on(consumer.events.GROUP_JOIN, () => this.pending.clear());
  }

  handled(topic: string, partition: number, next: bigint): void {
    this.pending.set(`${topic} ${partition}`, { topic, partition, offset: String(next) });
  }

  async flush(): Promise<void> {
    const offsets = [...this.pending.values()];
    if (offsets.length === 0) return;
    this.pending.clear();
    await this.consumer.commitOffsets(offsets).catch((error: unknown) => {
      this.logger.debug({ error }, 'offsets were not committed');
    });
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
