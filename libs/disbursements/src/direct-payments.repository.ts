import type { PaymentStatus, ReceiverWalletStatus } from '@libs/contracts';
import { type Asset, newId } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

export interface NewDirectPayment {
  readonly receiverId: string;
  readonly receiverWalletId: string;
  readonly assetId: string;
  /** In stroops. */
  readonly amount: bigint;
  readonly externalPaymentId: string | null;
  /** The user, also where an API key acted for them. */
  readonly createdBy: string;
  /** DRAFT where somebody else has to approve it first. */
  readonly status: 'READY' | 'DRAFT';
}

/** A direct payment as who approves it finds it. */
export interface DirectPayment {
  readonly id: string;
  readonly status: PaymentStatus;
  /** The number of its last dispatch; 0 before the first. */
  readonly dispatch: number;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly receiverId: string;
  /** In stroops. */
  readonly amount: bigint;
  readonly asset: Asset;
  readonly receiverWallet: { readonly id: string; readonly status: ReceiverWalletStatus };
  readonly walletProvider: { readonly name: string; readonly enabled: boolean };
}

interface Row {
  readonly id: string;
  readonly status: PaymentStatus;
  readonly dispatch: number;
  readonly created_by: string;
  readonly created_at: Date;
  readonly receiver_id: string;
  readonly amount: bigint;
  readonly code: string;
  readonly issuer: string;
  readonly receiver_wallet_id: string;
  readonly receiver_wallet_status: ReceiverWalletStatus;
  readonly wallet_name: string;
  readonly wallet_enabled: boolean;
}

/** Payments to one person, without a disbursement. Their status is written by `PaymentMoves` alone. */
export class DirectPaymentsRepository {
  /** Its id. */
  async add(tx: TenantTx, payment: NewDirectPayment): Promise<string> {
    const id = newId();
    await tx.execute(
      `WITH added AS (
         INSERT INTO disbursements.payments (tenant_id, id, type, receiver_id, receiver_wallet_id, asset_id, amount,
                external_payment_id, created_by, status, status_history)
         VALUES ($1, $2, 'DIRECT', $3, $4, $5, $6, $7, $8, $9, history_entry($9, $10, $11))
         RETURNING tenant_id, id, external_payment_id)
       INSERT INTO disbursements.payment_texts (tenant_id, payment_id, external_text)
       SELECT tenant_id, id, lower(external_payment_id) FROM added WHERE external_payment_id IS NOT NULL`,
      [
        tx.tenantId,
        id,
        payment.receiverId,
        payment.receiverWalletId,
        payment.assetId,
        payment.amount,
        payment.externalPaymentId,
        payment.createdBy,
        payment.status,
        tx.actor,
        `Payment submitted by user_id ${payment.createdBy}`,
      ],
    );
    return id;
  }

  /**
   * Null for an unknown payment, and for one of a disbursement. `lock`: until the commit nobody else moves it, and its receiver wallet
   * stays as it is read here. The wallet comes first, as it does in a dispatch.
   */
  async find(tx: TenantTx, id: string, lock: 'lock' | 'look'): Promise<DirectPayment | null> {
    const row = await tx.queryOne<Row>(
      `SELECT p.id, p.status, p.dispatch, p.created_by, p.created_at, p.receiver_id, p.amount, a.code, a.issuer,
              w.id AS receiver_wallet_id, w.status AS receiver_wallet_status, v.name AS wallet_name, v.enabled AS wallet_enabled
         FROM disbursements.payments p
         JOIN catalogue.assets a ON a.tenant_id = p.tenant_id AND a.id = p.asset_id
         JOIN receivers.receiver_wallets w ON w.tenant_id = p.tenant_id AND w.id = p.receiver_wallet_id
         JOIN catalogue.wallets v ON v.tenant_id = w.tenant_id AND v.id = w.wallet_id
        WHERE p.tenant_id = $1 AND p.id = $2 AND p.type = 'DIRECT' ${lock === 'lock' ? 'FOR SHARE OF w FOR NO KEY UPDATE OF p' : ''}`,
      [tx.tenantId, id],
    );
    if (row === null) return null;
    return {
      id: row.id,
      status: row.status,
      dispatch: row.dispatch,
      createdBy: row.created_by,
      createdAt: row.created_at,
      receiverId: row.receiver_id,
      amount: row.amount,
      asset: { code: row.code, issuer: row.issuer },
      receiverWallet: { id: row.receiver_wallet_id, status: row.receiver_wallet_status },
      walletProvider: { name: row.wallet_name, enabled: row.wallet_enabled },
    };
  }
}
