import type { SystemTx } from '@libs/persistence';

/** Reads how long the queue makes wait. */
export class QueueAge {
  /**
   * Seconds since the oldest payment could have been signed, held ones too; null when nothing waits. It hops from tenant to
   * tenant in the index of what waits, so its cost does not grow with the length of the queue.
   */
  async oldest(tx: SystemTx): Promise<number | null> {
    const row = await tx.queryOne<{ seconds: number | null }>(
      `WITH RECURSIVE hop AS (
         (SELECT tenant_id, ready_at FROM submissions.submissions
           WHERE status = 'QUEUED' ORDER BY tenant_id, ready_at LIMIT 1)
         UNION ALL
         SELECT following.tenant_id, following.ready_at
           FROM hop CROSS JOIN LATERAL (
             SELECT s.tenant_id, s.ready_at FROM submissions.submissions s
              WHERE s.status = 'QUEUED' AND s.tenant_id > hop.tenant_id
              ORDER BY s.tenant_id, s.ready_at LIMIT 1) following)
       SELECT extract(epoch FROM now() - min(ready_at))::float8 AS seconds FROM hop`,
    );
    return row?.seconds ?? null;
  }
}
