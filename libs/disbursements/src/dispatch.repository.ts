import type { MemoType } from '@libs/contracts';
import { ofNamedRows, type TenantTx } from '@libs/persistence';

import { UNHELD } from './payments-to-work-on.read-model';
import { lockDisbursementsOf, type PaymentMoves } from './payment-moves.repository';

/** A payment as it is handed over to submission. */
export interface DispatchedPayment {
  readonly id: string;
  readonly dispatch: number;
  readonly disbursementId: string | null;
  readonly receiverWalletId: string;
  readonly asset: { readonly id: string; readonly code: string; readonly issuer: string };
  /** In stroops. */
  readonly amount: bigint;
  readonly destination: string;
  readonly memo: { readonly type: MemoType; readonly value: string } | null;
  /** W3C traceparent of the file that the payment came with, or empty. */
  readonly trace: string;
}

interface DispatchRow {
  readonly id: string;
  readonly dispatch: number;
  readonly disbursement_id: string | null;
  readonly receiver_wallet_id: string;
  readonly asset_id: string;
  readonly code: string;
  readonly issuer: string;
  readonly amount: bigint;
  readonly stellar_address: string;
  readonly stellar_memo: string | null;
  readonly stellar_memo_type: MemoType | null;
  readonly trace: string | null;
}

/** Dispatches payments: one of the two ways in which money may leave is decided here, under locks. */
export class DispatchRepository {
  constructor(private readonly moves: PaymentMoves) {}

  /**
   * *submit*: READY → PENDING with the next dispatch number, for those whose disbursement is STARTED and whose
   * receiver wallet is REGISTERED and that nothing holds. Both are locked first and read again in a statement of its own, so that a pause
   * or an unregistering that committed before is seen, and one that comes later waits.
   */
  async submit(tx: TenantTx, ids: readonly string[]): Promise<readonly DispatchedPayment[]> {
    const going = await this.stillDispatchable(tx, ids);
    const moved = await this.moves.moveLocked(tx, 'submit', going, '', {
      set: 'dispatch = p.dispatch + 1, dispatched_at = now()',
      values: [],
    });
    return await this.asDispatched(
      tx,
      moved.map((payment) => payment.id),
    );
  }

  /** What the current dispatch of PENDING payments said, to say it again. */
  async asDispatched(tx: TenantTx, ids: readonly string[]): Promise<readonly DispatchedPayment[]> {
    if (ids.length === 0) return [];
    const rows = await tx.query<DispatchRow>(
      `SELECT p.id, p.dispatch, p.disbursement_id, p.receiver_wallet_id, p.asset_id, a.code, a.issuer, p.amount,
              rw.stellar_address, rw.stellar_memo, rw.stellar_memo_type, d.trace
         FROM disbursements.payments p
         LEFT JOIN disbursements.disbursements d ON d.tenant_id = p.tenant_id AND d.id = p.disbursement_id
         JOIN receivers.receiver_wallets rw ON rw.tenant_id = p.tenant_id AND rw.id = p.receiver_wallet_id
         JOIN catalogue.assets a ON a.tenant_id = p.tenant_id AND a.id = p.asset_id
        WHERE p.tenant_id = $1 AND p.id = ANY($2::uuid[]) AND ${ofNamedRows("p.status = 'PENDING'")} AND rw.stellar_address IS NOT NULL
        ORDER BY p.id`,
      [tx.tenantId, ids],
    );
    return rows.map(dispatchedPaymentOf);
  }

  private async stillDispatchable(tx: TenantTx, ids: readonly string[]): Promise<readonly string[]> {
    if (ids.length === 0) return [];
    await lockDisbursementsOf(tx, ids);
    await tx.query(
      `SELECT 1 FROM receivers.receiver_wallets
        WHERE tenant_id = $1 AND id IN (
          SELECT receiver_wallet_id FROM disbursements.payments WHERE tenant_id = $1 AND id = ANY($2::uuid[]))
        ORDER BY id FOR SHARE`,
      [tx.tenantId, ids],
    );
    const rows = await tx.query<{ id: string }>(
      `SELECT p.id FROM disbursements.payments p
         JOIN receivers.receiver_wallets rw ON rw.tenant_id = p.tenant_id AND rw.id = p.receiver_wallet_id
         LEFT JOIN disbursements.disbursements d ON d.tenant_id = p.tenant_id AND d.id = p.disbursement_id
        WHERE p.tenant_id = $1 AND p.id = ANY($2::uuid[]) AND ${ofNamedRows("rw.status = 'REGISTERED'")}
          AND (p.type = 'DIRECT' OR d.status = 'STARTED') AND ${UNHELD}`,
      [tx.tenantId, ids],
    );
    return rows.map((row) => row.id);
  }
}

const dispatchedPaymentOf = (row: DispatchRow): DispatchedPayment => ({
  id: row.id,
  dispatch: row.dispatch,
  disbursementId: row.disbursement_id,
  receiverWalletId: row.receiver_wallet_id,
  asset: { id: row.asset_id, code: row.code, issuer: row.issuer },
  amount: row.amount,
  destination: row.stellar_address,
  memo:
    row.stellar_memo === null || row.stellar_memo_type === null
      ? null
      : { type: row.stellar_memo_type, value: row.stellar_memo },
  trace: row.trace ?? '',
});
