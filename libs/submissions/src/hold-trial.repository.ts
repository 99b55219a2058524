import type { SystemTx, TenantTx } from '@libs/persistence';

/** A hold on a tenant that was laid because of what the ledger said. */
export interface LaidHold {
  readonly tenantId: string;
  readonly reason: string;
  readonly heldSeconds: number;
  /** How often it was lifted and laid again since something of the tenant was paid last. */
  readonly trials: number;
}

const HOLDS_MAX = 1_000;

/** How often a hold was lifted in the hope that its cause is gone. */
export class HoldTrialRepository {
  /** The holds on tenants whose reasons begin like this, the oldest first; at most a thousand. */
  async laid(tx: SystemTx, reasonsBegin: string): Promise<readonly LaidHold[]> {
    return await tx.query<LaidHold & Record<string, unknown>>(
      `SELECT h.tenant_id AS "tenantId", h.reason, extract(epoch FROM now() - h.created_at)::float8 AS "heldSeconds",
              CASE WHEN t.trials IS NULL OR EXISTS (
                SELECT FROM submissions.attempts a
                 WHERE a.tenant_id = h.tenant_id AND a.ended_at > t.tried_at AND a.status = 'APPLIED')
              THEN 0 ELSE t.trials END AS trials
         FROM submissions.holds h
         LEFT JOIN submissions.hold_trials t ON t.tenant_id = h.tenant_id AND t.reason = h.reason
        WHERE h.subject_type = 'tenant' AND starts_with(h.reason, $1)
        ORDER BY h.created_at, h.tenant_id LIMIT ${String(HOLDS_MAX)}`,
      [reasonsBegin],
    );
  }

  /** It is lifted once more, after so many times before. */
  async count(tx: TenantTx, reason: string, before: number): Promise<void> {
    await tx.execute(
      `INSERT INTO submissions.hold_trials (tenant_id, reason, trials) VALUES ($1, $2, $3)
       ON CONFLICT (tenant_id, reason) DO UPDATE SET trials = excluded.trials, tried_at = now()`,
      [tx.tenantId, reason, before + 1],
    );
  }
}
