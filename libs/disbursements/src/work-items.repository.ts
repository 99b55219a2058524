import type { SystemTx, TenantTx } from '@libs/persistence';

export const WORK_GOALS = ['release', 'pause', 'resume'] as const;
export type WorkGoal = (typeof WORK_GOALS)[number];

/** What core still has to do for one disbursement. */
export interface WorkItem {
  readonly disbursementId: string;
  readonly goal: WorkGoal;
  readonly version: number;
  /** Up to which payment the last part of the work has come; null before it. */
  readonly cursor: string | null;
}

interface WorkItemRow {
  readonly disbursement_id: string;
  readonly goal: WorkGoal;
  readonly version: number;
  readonly cursor: string | null;
}

const workItemOf = (row: WorkItemRow): WorkItem => ({
  disbursementId: row.disbursement_id,
  goal: row.goal,
  version: row.version,
  cursor: row.cursor,
});

/** One row per disbursement with work: a newer goal replaces an older one, so pause, resume, pause ends paused. */
export class WorkItems {
  async put(tx: TenantTx, item: Omit<WorkItem, 'cursor'>): Promise<void> {
    await tx.execute(
      `INSERT INTO disbursements.work_items (tenant_id, disbursement_id, goal, version) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant_id, disbursement_id) DO UPDATE SET goal = excluded.goal, version = excluded.version, cursor = NULL
         WHERE disbursements.work_items.version < excluded.version`,
      [tx.tenantId, item.disbursementId, item.goal, item.version],
    );
  }

  /** Some item that waits, or null. Lock its disbursement, then read it again with `find`: it may have changed. */
  async peek(tx: TenantTx): Promise<WorkItem | null> {
    const row = await tx.queryOne<WorkItemRow>(
      `SELECT disbursement_id, goal, version, cursor FROM disbursements.work_items WHERE tenant_id = $1 ORDER BY disbursement_id LIMIT 1`,
      [tx.tenantId],
    );
    return row === null ? null : workItemOf(row);
  }

  async find(tx: TenantTx, disbursementId: string): Promise<WorkItem | null> {
    return await this.one(tx, disbursementId, '');
  }

  /** `find` for whoever goes on from its cursor: one at a time. */
  async lock(tx: TenantTx, disbursementId: string): Promise<WorkItem | null> {
    return await this.one(tx, disbursementId, 'FOR UPDATE');
  }

  private async one(tx: TenantTx, disbursementId: string, lock: '' | 'FOR UPDATE'): Promise<WorkItem | null> {
    const row = await tx.queryOne<WorkItemRow>(
      `SELECT disbursement_id, goal, version, cursor FROM disbursements.work_items WHERE tenant_id = $1 AND disbursement_id = $2 ${lock}`,
      [tx.tenantId, disbursementId],
    );
    return row === null ? null : workItemOf(row);
  }

  /** Remembers how far the work has come. */
  async advance(tx: TenantTx, item: WorkItem, cursor: string): Promise<void> {
    await tx.execute(
      `UPDATE disbursements.work_items SET cursor = $4 WHERE tenant_id = $1 AND disbursement_id = $2 AND version = $3`,
      [tx.tenantId, item.disbursementId, item.version, cursor],
    );
  }

  async finish(tx: TenantTx, item: WorkItem): Promise<void> {
    await tx.execute(
      `DELETE FROM disbursements.work_items WHERE tenant_id = $1 AND disbursement_id = $2 AND version = $3`,
      [tx.tenantId, item.disbursementId, item.version],
    );
  }

  /** Tenants behind `after` that have work items, in the order of their ids. */
  async tenantsWithWork(tx: SystemTx, after: string, limit: number): Promise<readonly string[]> {
    const rows = await tx.query<{ tenant_id: string }>(
      `SELECT DISTINCT tenant_id FROM disbursements.work_items WHERE tenant_id > $1 ORDER BY tenant_id LIMIT $2`,
      [after, limit],
    );
    return rows.map((row) => row.tenant_id);
  }
}
