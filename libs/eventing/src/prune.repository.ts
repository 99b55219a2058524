import type { UnitOfWork } from '@libs/persistence';

import { pruneInbox } from './inbox.repository';

/** Longer than a broker keeps events (checked at the start) and than a dead letter usually waits. */
export const INBOX_KEEP_DAYS = 30;
const BATCH = 5_000;
const BATCHES_PER_RUN_MAX = 40;

/** Deletes consumed events after an hour and marks of handled ones after 30 days, in bounded batches. */
export async function pruneEvents(unit: UnitOfWork): Promise<void> {
  const steps = [
    () =>
      unit.runSystem('prune the log', async (tx) => {
        const row = await tx.queryOne<{ pruned: number }>(
          `SELECT eventing.prune_log(interval '1 hour', $1) AS pruned`,
          [BATCH],
        );
        return row?.pruned ?? 0;
      }),
    () => unit.runSystem('prune the inbox', (tx) => pruneInbox(tx, INBOX_KEEP_DAYS, BATCH)),
  ];
  for (const step of steps) {
    for (let batches = 0; batches < BATCHES_PER_RUN_MAX; batches += 1) {
      if ((await step()) < BATCH) break;
    }
  }
}
