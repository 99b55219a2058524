import { newId } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

export type LedgerAccountAction = 'create-account' | 'trust-asset' | 'remove-asset';

export interface LedgerAccountRequest {
  readonly id: string;
  readonly action: LedgerAccountAction;
  readonly assetId: string | null;
  /** Null while nobody has answered. */
  readonly outcome: 'done' | 'refused' | null;
  readonly reason: string | null;
  readonly askedAt: Date;
}

interface RequestRow {
  readonly id: string;
  readonly action: LedgerAccountAction;
  readonly asset_id: string | null;
  readonly outcome: 'done' | 'refused' | null;
  readonly reason: string | null;
  readonly created_at: Date;
}

/** Longer than an answer takes that is on its way. */
const ASKED_AGAIN_AFTER = '1 minute';
const COLUMNS = 'id, action, asset_id, outcome, reason, created_at';

const requestOf = (row: RequestRow): LedgerAccountRequest => ({
  id: row.id,
  action: row.action,
  assetId: row.asset_id,
  outcome: row.outcome,
  reason: row.reason,
  askedAt: row.created_at,
});

/** What was asked of transaction-submission, the only process that may change a ledger account. */
export class LedgerAccountRequestsRepository {
  /**
   * Opens a request, or finds the open one for the same thing. `isToBeAsked`: the caller has to publish it, as it is new, or was asked
   * so long ago that the question or its answer may be lost.
   */
  async open(
    tx: TenantTx,
    action: LedgerAccountAction,
    assetId: string | null,
  ): Promise<{ readonly id: string; readonly isToBeAsked: boolean }> {
    const id = newId();
    const added = await tx.execute(
      `INSERT INTO tenants.ledger_account_requests (tenant_id, id, action, asset_id) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING`,
      [tx.tenantId, id, action, assetId],
    );
    if (added === 1) return { id, isToBeAsked: true };
    const open = await tx.queryOne<{ readonly id: string; readonly is_old: boolean }>(
      `SELECT id, created_at < now() - $4::interval AS is_old FROM tenants.ledger_account_requests
        WHERE tenant_id = $1 AND action = $2 AND asset_id IS NOT DISTINCT FROM $3 AND outcome IS NULL`,
      [tx.tenantId, action, assetId, ASKED_AGAIN_AFTER],
    );
    // The open one was answered between the two statements: asking again is harmless, so the caller may repeat.
    return open === null ? await this.open(tx, action, assetId) : { id: open.id, isToBeAsked: open.is_old };
  }

  /** Records the answer. False when it was recorded before, or when nobody asked. */
  async answer(
    tx: TenantTx,
    id: string,
    answer: { readonly outcome: 'done' | 'refused'; readonly reason: string | null },
  ): Promise<boolean> {
    const changed = await tx.execute(
      `UPDATE tenants.ledger_account_requests SET outcome = $3, reason = $4, answered_at = now()
        WHERE tenant_id = $1 AND id = $2 AND outcome IS NULL`,
      [tx.tenantId, id, answer.outcome, answer.reason],
    );
    return changed === 1;
  }

  async find(tx: TenantTx, id: string): Promise<LedgerAccountRequest | null> {
    const row = await tx.queryOne<RequestRow>(
      `SELECT ${COLUMNS} FROM tenants.ledger_account_requests WHERE tenant_id = $1 AND id = $2`,
      [tx.tenantId, id],
    );
    return row === null ? null : requestOf(row);
  }

  /** The newest request of each action and asset: what was asked before it no longer matters. */
  async newest(tx: TenantTx): Promise<LedgerAccountRequest[]> {
    const rows = await tx.query<RequestRow>(
      `SELECT DISTINCT ON (action, asset_id) ${COLUMNS} FROM tenants.ledger_account_requests
        WHERE tenant_id = $1 ORDER BY action, asset_id, created_at DESC`,
      [tx.tenantId],
    );
    return rows.map(requestOf);
  }
}
