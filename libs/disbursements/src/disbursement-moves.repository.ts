import type { DisbursementStatus } from '@libs/contracts';
import { disbursementMachine, type DisbursementMove } from '@libs/domain';
import type { TenantTx } from '@libs/persistence';

export interface LockedDisbursement {
  readonly status: DisbursementStatus;
  readonly goalVersion: number;
  /** W3C traceparent of the upload, or empty. */
  readonly trace: string;
  /** Whose payments it has; null without a file. */
  readonly uploadId: string | null;
}

/** The only place that writes the status of a disbursement. */
export class DisbursementMoves {
  /** Locks the row until the commit and tells its status; null when there is no such disbursement. */
  async lock(tx: TenantTx, id: string): Promise<LockedDisbursement | null> {
    return await tx.queryOne<Record<keyof LockedDisbursement, unknown> & LockedDisbursement>(
      `SELECT status, goal_version AS "goalVersion", trace, current_upload_id AS "uploadId"
         FROM disbursements.disbursements WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE`,
      [tx.tenantId, id],
    );
  }

  /** False when the disbursement is in no state that the move leaves. */
  async move(tx: TenantTx, move: DisbursementMove, id: string, reason = ''): Promise<boolean> {
    return await this.guarded(tx, move, [id], reason, '');
  }

  /** Raises the goal's version with the move, so that work for an older goal stops. Null when the move was refused. */
  async moveToGoal(tx: TenantTx, move: 'start' | 'pause' | 'resume', id: string): Promise<number | null> {
    if (!(await this.move(tx, move, id))) return null;
    const row = await tx.queryOne<{ goal_version: number }>(
      `UPDATE disbursements.disbursements SET goal_version = goal_version + 1 WHERE tenant_id = $1 AND id = $2 RETURNING goal_version`,
      [tx.tenantId, id],
    );
    return row?.goal_version ?? null;
  }

  /** *complete* those that have no open payment left. To be tried after outcomes, resume and cancel. */
  async completeWhatIsDone(tx: TenantTx, ids: readonly string[]): Promise<boolean> {
    return await this.guarded(tx, 'complete', ids, '', 'AND open = 0');
  }

  private async guarded(
    tx: TenantTx,
    move: DisbursementMove,
    ids: readonly string[],
    reason: string,
    condition: string,
  ): Promise<boolean> {
    const target = disbursementMachine.targetOf(move);
    const moved = await tx.execute(
      `UPDATE disbursements.disbursements
          SET status = $3, status_history = status_history || history_entry($3, $4, $5), updated_at = now()
        WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND status = ANY($6) ${condition}`,
      [tx.tenantId, ids, target, tx.actor, reason, disbursementMachine.sourcesOf(move)],
    );
    return moved > 0;
  }
}
