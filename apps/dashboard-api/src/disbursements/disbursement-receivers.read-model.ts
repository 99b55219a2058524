import type { PageQuery, SortDirection } from '@libs/http';
import { formatAmount } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

export interface DisbursementReceiversQuery {
  readonly page: PageQuery;
  readonly sort: 'created_at' | 'updated_at';
  readonly direction: SortDirection;
}

interface Row {
  readonly id: string;
  readonly email: string | null;
  readonly phone_number: string | null;
  readonly external_id: string;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly receiver_wallet: object;
  readonly payment: { readonly id: string; readonly status: string };
  readonly amount: bigint;
}

/** The people of one disbursement, each with the wallet and the payment of that disbursement. */
export class DisbursementReceiversReadModel {
  async list(
    tx: TenantTx,
    disbursementId: string,
    query: DisbursementReceiversQuery,
  ): Promise<{ readonly items: readonly object[]; readonly total: number }> {
    const [counted] = await tx.query<{ total: number }>(
      `SELECT count(*)::int AS total FROM disbursements.payments WHERE tenant_id = $1 AND disbursement_id = $2`,
      [tx.tenantId, disbursementId],
    );
    const direction = query.direction === 'asc' ? 'ASC' : 'DESC';
    const order = `r.${query.sort} ${direction}, p.id ${direction}`;
    const rows = await tx.query<Row>(
      `SELECT r.id, r.email, r.phone_number, r.external_id, r.created_at, r.updated_at, p.amount,
              json_build_object('id', w.id, 'status', w.status, 'stellar_address', w.stellar_address,
                'stellar_memo', w.stellar_memo, 'stellar_memo_type', w.stellar_memo_type,
                'created_at', w.created_at, 'updated_at', w.updated_at, 'invitation_sent_at', w.invitation_sent_at) AS receiver_wallet,
              json_build_object('id', p.id, 'status', p.status, 'type', p.type, 'stellar_transaction_id', coalesce(p.stellar_transaction_id, ''),
                'stellar_operation_id', coalesce(p.stellar_operation_id, ''), 'created_at', p.created_at, 'updated_at', p.updated_at) AS payment
         FROM disbursements.payments p
         JOIN receivers.receivers r ON r.tenant_id = p.tenant_id AND r.id = p.receiver_id
         JOIN receivers.receiver_wallets w ON w.tenant_id = p.tenant_id AND w.id = p.receiver_wallet_id
        WHERE p.tenant_id = $1 AND p.disbursement_id = $2 ORDER BY ${order} LIMIT $3 OFFSET $4`,
      [tx.tenantId, disbursementId, query.page.pageLimit, query.page.offset],
    );
    return { total: counted?.total ?? 0, items: rows.map(receiverJson) };
  }
}

const receiverJson = ({ amount, payment, email, phone_number: phone, ...row }: Row): object => ({
  ...row,
  ...(email === null ? {} : { email }),
  ...(phone === null ? {} : { phone_number: phone }),
  payment: { ...payment, amount: formatAmount(amount) },
});
