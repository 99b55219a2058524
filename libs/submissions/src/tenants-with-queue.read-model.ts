import { LOWEST_ID } from '@libs/kernel';
import type { SystemTx } from '@libs/persistence';

const TENANTS_MAX = 1_000;

/**
 * The tenants that have queued submissions, at most a thousand: those after the given one, then from the first again, so that
 * whoever moves the start sees all of them. What is queued may be held.
 *
 * It hops from tenant to tenant in the index, so its cost does not grow with the length of the queue.
 */
export async function tenantsWithQueue(
  tx: SystemTx,
  after: string | null,
  max = TENANTS_MAX,
): Promise<readonly string[]> {
  const rows = await tx.query<{ tenant_id: string }>(
    `WITH RECURSIVE later AS (
       (SELECT tenant_id FROM submissions.submissions
         WHERE status = 'QUEUED' AND tenant_id > $1 ORDER BY tenant_id LIMIT 1)
       UNION ALL
       SELECT (SELECT s.tenant_id FROM submissions.submissions s
                WHERE s.status = 'QUEUED' AND s.tenant_id > later.tenant_id ORDER BY s.tenant_id LIMIT 1)
         FROM later WHERE later.tenant_id IS NOT NULL),
     again AS (
       (SELECT tenant_id FROM submissions.submissions
         WHERE status = 'QUEUED' AND tenant_id <= $1 ORDER BY tenant_id LIMIT 1)
       UNION ALL
       SELECT (SELECT s.tenant_id FROM submissions.submissions s
                WHERE s.status = 'QUEUED' AND s.tenant_id > again.tenant_id AND s.tenant_id <= $1
                ORDER BY s.tenant_id LIMIT 1)
         FROM again WHERE again.tenant_id IS NOT NULL)
     SELECT tenant_id
       FROM ((SELECT 1 AS lap, tenant_id FROM later WHERE tenant_id IS NOT NULL LIMIT $2)
             UNION ALL
             (SELECT 2, tenant_id FROM again WHERE tenant_id IS NOT NULL LIMIT $2)) laps
      ORDER BY lap, tenant_id LIMIT $2`,
    [after ?? LOWEST_ID, max],
  );
  return rows.map((row) => row.tenant_id);
}
