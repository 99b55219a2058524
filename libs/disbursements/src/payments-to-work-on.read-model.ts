import { LOWEST_ID } from '@libs/kernel';
import type { SystemTx, TenantTx } from '@libs/persistence';

/** No hold on `payments p`, its disbursement, its receiver wallet or its tenant. Submission is the one that makes sure. */
export const UNHELD = `NOT EXISTS (
  SELECT FROM submissions.holds h WHERE h.tenant_id = p.tenant_id AND (h.subject_type, h.subject_id) IN (
    ('tenant', p.tenant_id), ('payment', p.id), ('disbursement', p.disbursement_id), ('receiver_wallet', p.receiver_wallet_id)))`;

/**
 * The first payment of tenant `t` in a state, in an order that only one index gives. Of any order, it may be looked for in the whole
 * table where PostgreSQL thinks that most payments are in this state.
 */
const FIRST_IN = {
  READY: `p.status = ANY('{READY}') ORDER BY p.status, p.created_at`,
  PENDING: `p.status = 'PENDING' ORDER BY p.dispatched_at`,
} as const;

/** Finds what waits. A finding is a hint: whoever moves it reads its conditions again under a lock. */
export class PaymentsToWorkOn {
  /** Payments that are PENDING for longer than `olderThanMs`: their outcome may have been lost. */
  async pendingSince(
    tx: TenantTx,
    olderThanMs: number,
    limit: number,
  ): Promise<readonly { readonly id: string; readonly dispatch: number }[]> {
    return await tx.query<{ id: string; dispatch: number }>(
      `SELECT id, dispatch FROM disbursements.payments
        WHERE tenant_id = $1 AND status = 'PENDING' AND NOT disputed
          AND dispatched_at < now() - make_interval(secs => $2) ORDER BY dispatched_at LIMIT $3`,
      [tx.tenantId, olderThanMs / 1000, limit],
    );
  }

  /** PENDING payments that a person wants cancelled, at most `limit`. */
  async toBeCanceled(tx: TenantTx, limit: number): Promise<readonly string[]> {
    const rows = await tx.query<{ id: string }>(
      `SELECT id FROM disbursements.payments
        WHERE tenant_id = $1 AND status = 'PENDING' AND cancel_requested_at IS NOT NULL AND NOT disputed ORDER BY id LIMIT $2`,
      [tx.tenantId, limit],
    );
    return rows.map((row) => row.id);
  }

  /**
   * Handed-over payments of a disbursement in the order of their ids, from behind `after`; without those that somebody wants
   * cancelled, which come back to be cancelled.
   */
  async handedOver(
    tx: TenantTx,
    disbursementId: string,
    after: string | null,
    limit: number,
  ): Promise<readonly { readonly id: string; readonly dispatch: number }[]> {
    return await tx.query<{ id: string; dispatch: number }>(
      `SELECT id, dispatch FROM disbursements.payments
        WHERE tenant_id = $1 AND disbursement_id = $2 AND status = 'PENDING' AND id > $3 AND NOT disputed AND cancel_requested_at IS NULL
        ORDER BY id LIMIT $4`,
      [tx.tenantId, disbursementId, after ?? LOWEST_ID, limit],
    );
  }

  /** READY payments of a disbursement in the order of their ids, from behind `after`, at most `limit`. */
  async ready(
    tx: TenantTx,
    disbursementId: string,
    after: string | null,
    limit: number,
  ): Promise<readonly { readonly id: string; readonly receiverWalletId: string }[]> {
    return await tx.query<{ id: string; receiverWalletId: string }>(
      `SELECT id, receiver_wallet_id AS "receiverWalletId" FROM disbursements.payments
        WHERE tenant_id = $1 AND disbursement_id = $2 AND status = 'READY' AND id > $3 AND NOT disputed ORDER BY id LIMIT $4`,
      [tx.tenantId, disbursementId, after ?? LOWEST_ID, limit],
    );
  }

  /** Payments that are READY for longer than so many days, at most `limit`, those that wait longest first. */
  async readySince(tx: TenantTx, days: number, limit: number): Promise<readonly string[]> {
    const rows = await tx.query<{ id: string }>(
      `SELECT id FROM disbursements.payments
        WHERE tenant_id = $1 AND status = 'READY' AND updated_at < now() - make_interval(days => $2) AND NOT disputed
        ORDER BY updated_at, id LIMIT $3`,
      [tx.tenantId, days, limit],
    );
    return rows.map((row) => row.id);
  }

  /**
   * Tenants behind `after` that have payments in READY or PENDING, in the order of their ids, at most `limit`. One look into an
   * index for each tenant, so its cost does not grow with the number of payments.
   */
  async tenantsWithPayments(
    tx: SystemTx,
    status: 'READY' | 'PENDING',
    after: string,
    limit: number,
  ): Promise<readonly string[]> {
    const rows = await tx.query<{ id: string }>(
      `SELECT t.id
         FROM tenants.tenants t
         CROSS JOIN LATERAL (SELECT FROM disbursements.payments p
                              WHERE p.tenant_id = t.id AND ${FIRST_IN[status]} LIMIT 1) AS waiting
        WHERE t.id > $1 ORDER BY t.id LIMIT $2`,
      [after, limit],
    );
    return rows.map(({ id }) => id);
  }
}
