import type { PaymentStatus } from '@libs/contracts';
import type { SystemTx, TenantTx } from '@libs/persistence';

export interface PaymentToWorkOn {
  readonly id: string;
  readonly receiverWalletId: string;
  readonly status: PaymentStatus;
}

interface Row {
  readonly id: string;
  readonly receiver_wallet_id: string;
  readonly status: PaymentStatus;
}

const paymentOf = (row: Row): PaymentToWorkOn => ({
  id: row.id,
  receiverWalletId: row.receiver_wallet_id,
  status: row.status,
});

/** No hold on `payments p`, its disbursement, its receiver wallet or its tenant. Submission is the one that makes sure. */
export const UNHELD = `NOT EXISTS (
  SELECT FROM submissions.holds h WHERE h.tenant_id = p.tenant_id AND (h.subject_type, h.subject_id) IN (
    ('tenant', p.tenant_id), ('payment', p.id), ('disbursement', p.disbursement_id), ('receiver_wallet', p.receiver_wallet_id)))`;

const DISPATCHABLE = `
  FROM disbursements.payments p
  JOIN receivers.receiver_wallets rw ON rw.tenant_id = p.tenant_id AND rw.id = p.receiver_wallet_id AND rw.status = 'REGISTERED'
  LEFT JOIN disbursements.disbursements d ON d.tenant_id = p.tenant_id AND d.id = p.disbursement_id
 WHERE p.tenant_id = $1 AND p.status = 'READY' AND NOT p.disputed AND (p.type = 'DIRECT' OR d.status = 'STARTED')
   AND ${UNHELD}`;

/** Finds what waits. A finding is a hint: whoever moves it reads its conditions again under a lock. */
export class PaymentsToWorkOn {
  /** Payments of a disbursement in one of these states, at most `limit`. */
  async ofDisbursement(
    tx: TenantTx,
    disbursementId: string,
    statuses: readonly PaymentStatus[],
    limit: number,
  ): Promise<readonly PaymentToWorkOn[]> {
    const rows = await tx.query<Row>(
      `SELECT id, receiver_wallet_id, status FROM disbursements.payments
        WHERE tenant_id = $1 AND disbursement_id = $2 AND status = ANY($3) AND NOT disputed
        ORDER BY status, id LIMIT $4`,
      [tx.tenantId, disbursementId, statuses, limit],
    );
    return rows.map(paymentOf);
  }

  /** READY payments of these receiver wallets that can be dispatched, at most `limit`. */
  async dispatchableOf(
    tx: TenantTx,
    receiverWalletIds: readonly string[],
    limit: number,
  ): Promise<readonly PaymentToWorkOn[]> {
    const rows = await tx.query<Row>(
      `SELECT p.id, p.receiver_wallet_id, p.status ${DISPATCHABLE} AND p.receiver_wallet_id = ANY($2::uuid[]) ORDER BY p.id LIMIT $3`,
      [tx.tenantId, receiverWalletIds, limit],
    );
    return rows.map(paymentOf);
  }

  /** READY payments that can be dispatched, in the order of their ids, from behind `after`. */
  async dispatchableAfter(tx: TenantTx, after: string, limit: number): Promise<readonly PaymentToWorkOn[]> {
    const rows = await tx.query<Row>(
      `SELECT p.id, p.receiver_wallet_id, p.status ${DISPATCHABLE} AND p.id > $2 ORDER BY p.id LIMIT $3`,
      [tx.tenantId, after, limit],
    );
    return rows.map(paymentOf);
  }

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

  async receiverWalletsOf(tx: TenantTx, paymentIds: readonly string[]): Promise<readonly string[]> {
    const rows = await tx.query<{ receiver_wallet_id: string }>(
      `SELECT DISTINCT receiver_wallet_id FROM disbursements.payments WHERE tenant_id = $1 AND id = ANY($2::uuid[])`,
      [tx.tenantId, paymentIds],
    );
    return rows.map((row) => row.receiver_wallet_id);
  }

  /** Tenants that have payments in READY or PENDING, found by a skip scan over two indexes of work that waits. */
  async tenantsWithPayments(
    tx: SystemTx,
    status: 'READY' | 'PENDING',
    limit: number,
  ): Promise<readonly string[]> {
    const rows = await tx.query<{ tenant_id: string }>(
      `WITH RECURSIVE found AS (
         (SELECT tenant_id FROM disbursements.payments WHERE status = '${status}' ORDER BY tenant_id LIMIT 1)
         UNION ALL
         SELECT (SELECT p.tenant_id FROM disbursements.payments p
                  WHERE p.status = '${status}' AND p.tenant_id > found.tenant_id ORDER BY p.tenant_id LIMIT 1)
           FROM found WHERE found.tenant_id IS NOT NULL)
       SELECT tenant_id FROM found WHERE tenant_id IS NOT NULL LIMIT $1`,
      [limit],
    );
    return rows.map((row) => row.tenant_id);
  }
}
