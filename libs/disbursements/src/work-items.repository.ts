import type { SystemTx, TenantTx } from '@libs/persistence';

export const WORK_GOALS = ['release', 'pause', 'resume'] as const;
export type WorkGoal = (typeof WORK_GOALS)[number];

/** What core still has to do for one disbursement. */
export interface WorkItem {
  readonly disbursementId: string;
  readonly goal: WorkGoal;
  readonly version: number;
}

interface WorkItemRow {
  readonly disbursement_id: string;
  readonly goal: WorkGoal;
  readonly version: number;
}

const workItemOf = (row: WorkItemRow): WorkItem => ({
  disbursementId: row.disbursement_id,
  goal: row.goal,
  version: row.version,
});

/** One row per disbursement with work: a newer goal replaces an older one, so pause, resume, pause ends paused. */
export class WorkItems {
  async put(tx: TenantTx, item: WorkItem): Promise<void> {
    await tx.execute(
      `INSERT INTO disbursements.work_items (tenant_id, disbursement_id, goal, version) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant_id, disbursement_id) DO UPDATE SET goal = excluded.goal, version = excluded.version
         WHERE disbursements.work_items.version < excluded.version`,
      [tx.tenantId, item.disbursementId, item.goal, item.version],
    );
  }

  /** Some item that waits, or null. Lock its disbursement, then read it again with `find`: it may have changed. */
  async peek(tx: TenantTx): Promise<WorkItem | null> {
    const row = await tx.queryOne<WorkItemRow>(
      `SELECT disbursement_id, goal, version FROM disbursements.work_items WHERE tenant_id = $1 ORDER BY disbursement_id LIMIT 1`,
      [tx.tenantId],
    );
    return row === null ? null : workItemOf(row);
  }

  async find(tx: TenantTx, disbursementId: string): Promise<WorkItem | null> {
    const row = await tx.queryOne<WorkItemRow>(
      `SELECT disbursement_id, goal, version FROM disbursements.work_items WHERE tenant_id = $1 AND disbursement_id = $2`,
      [tx.tenantId, disbursementId],
    );
    return row === null ? null : workItemOf(row);
  }

  async finish(tx: TenantTx, item: WorkItem): Promise<void> {
    await tx.execute(
      `DELETE FROM disbursements.work_items WHERE tenant_id = $1 AND disbursement_id = $2 AND version = $3`,
      [tx.tenantId, item.disbursementId, item.version],
    );
  }

  async tenantsWithWork(tx: SystemTx, limit: number): Promise<readonly string[]> {
    const rows = await tx.query<{ tenant_id: string }>(
      `SELECT DISTINCT tenant_id FROM disbursements.work_items LIMIT $1`,
      [limit],
    );
    return rows.map((row) => row.tenant_id);
  }
}
