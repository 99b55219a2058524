import type { SystemTx, TenantTx } from '@libs/persistence';

/** A hold on a tenant that was laid because of what the ledger said. */
export interface LaidHold {
  readonly tenantId: string;
  readonly reason: string;
  readonly heldSeconds: number;
  /** How often it was lifted and laid again since something of the tenant was paid last. */
  readonly trials: number;
}

/** Which hold of a tenant it is. */
export type LaidHoldKey = Pick<LaidHold, 'tenantId' | 'reason'>;

/** How often a hold was lifted in the hope that its cause is gone. */
export class HoldTrialRepository {
  /** The holds on tenants whose reasons begin like this, in the order of their keys: those after this one, at most so many. */
  async laid(
    tx: SystemTx,
    reasonsBegin: string,
    { after, limit }: { readonly after: LaidHoldKey | null; readonly limit: number },
  ): Promise<readonly LaidHold[]> {
    return await tx.query<LaidHold & Record<string, unknown>>(
      `SELECT h.tenant_id AS "tenantId", h.reason, extract(epoch FROM now() - h.created_at)::float8 AS "heldSeconds",
              CASE WHEN t.trials IS NULL OR EXISTS (
                SELECT FROM submissions.attempts a
                 WHERE a.tenant_id = h.tenant_id AND a.ended_at > t.tried_at AND a.status = 'APPLIED')
              THEN 0 ELSE t.trials END AS trials
         FROM submissions.holds h
         LEFT JOIN submissions.hold_trials t ON t.tenant_id = h.tenant_id AND t.reason = h.reason
        WHERE h.subject_type = 'tenant' AND starts_with(h.reason, $1)
          AND ($2::uuid IS NULL OR (h.tenant_id, h.reason) > ($2, $3))
        ORDER BY h.tenant_id, h.reason LIMIT $4`,
      [reasonsBegin, after?.tenantId ?? null, after?.reason ?? null, limit],
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
