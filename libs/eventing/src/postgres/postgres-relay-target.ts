import type { UnitOfWork } from '@libs/persistence';

import type { Relayed, RelayTarget } from '../relay';

/** Brings events into the log of the same database: rows leave the outbox in the database transaction that logs them. */
export class PostgresRelayTarget implements RelayTarget {
  constructor(private readonly unit: UnitOfWork) {}

  async relay(batch: number): Promise<Relayed | null> {
    const row = await this.unit.runSystem('relay: outbox to log', async (tx) => {
      // Nobody waits for this commit to reach the disk: a crash takes the log and the deletion back together, and a
      // consumer's own commit, which does wait, is always behind it in the write-ahead log.
      await tx.execute('SET LOCAL synchronous_commit = off');
      return await tx.queryOne<{ moved: number }>('SELECT eventing.relay_outbox($1) AS moved', [batch]);
    });
    const moved = row?.moved ?? 0;
    return moved < 0 ? null : { moved, more: moved === batch };
  }

  async close(): Promise<void> {
    // Nothing of its own to close.
  }
}
