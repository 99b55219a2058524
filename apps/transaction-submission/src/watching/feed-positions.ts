import type { FeedPosition, LedgerAnchor, LedgerCursorRepository } from '@libs/submissions';

import type { EngineContext, Monotonic } from '../engine-context';

/** A position is written at most this often. */
const EVERY_MS = 1_000;

/** Keeps in the database how far this instance has come, and knows how far the others had. */
export class FeedPositions {
  private reached: FeedPosition | null = null;
  private written: FeedPosition | null = null;
  private writtenAt = -Infinity;

  constructor(
    private readonly context: Pick<EngineContext, 'uow' | 'instanceId'>,
    private readonly cursors: LedgerCursorRepository,
    private readonly now: Monotonic,
  ) {}

  /** What anybody else had live is settled up to here; null when nothing is known about it. */
  async resumeAt(): Promise<bigint | null> {
    return await this.context.uow.runSystem('how far other instances have read the ledger', (tx) =>
      this.cursors.furthestBehind(tx, this.context.instanceId),
    );
  }

  /** The newest ledger that was seen before this process began. */
  async anchor(): Promise<LedgerAnchor | null> {
    return await this.context.uow.runSystem('the newest ledger that was seen', (tx) =>
      this.cursors.anchor(tx),
    );
  }

  async settled(position: FeedPosition): Promise<void> {
    this.reached = position;
    if (this.now() - this.writtenAt >= EVERY_MS) await this.flush();
  }

  /** What was reached last may not be settled. */
  forget(): void {
    this.reached = null;
  }

  async flush(): Promise<void> {
    const { reached } = this;
    if (reached === null || reached.cursor === this.written?.cursor) return;
    this.writtenAt = this.now();
    await this.context.uow.runSystem('how far this instance has read the ledger', async (tx) => {
      await this.cursors.save(tx, this.context.instanceId, reached);
      await this.cursors.forgetEnded(tx);
    });
    this.written = reached;
  }
}
