import type { PageQuery, SortDirection } from '@libs/http';
import type { TenantTx } from '@libs/persistence';

import { paymentJson } from '../payments/payment-json';
import type { PaymentRow } from '../payments/payment-rows';
import { paymentsInOrder } from '../payments/payments.read-model';

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
  readonly payment_id: string;
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
      `SELECT r.id, r.email, r.phone_number, r.external_id, r.created_at, r.updated_at, p.id AS payment_id
         FROM disbursements.payments p
         JOIN receivers.receivers r ON r.tenant_id = p.tenant_id AND r.id = p.receiver_id
        WHERE p.tenant_id = $1 AND p.disbursement_id = $2 ORDER BY ${order} LIMIT $3 OFFSET $4`,
      [tx.tenantId, disbursementId, query.page.pageLimit, query.page.offset],
    );
    const payments = await paymentsInOrder(
      tx,
      rows.map((row) => row.payment_id),
    );
    const byId = new Map(payments.map((payment) => [payment.id, payment]));
    return {
      total: counted?.total ?? 0,
      items: rows.flatMap((row) => receiverJson(row, byId.get(row.payment_id))),
    };
  }
}

/** Nobody where another file took the payment away since the page was found. */
function receiverJson(row: Row, payment: PaymentRow | undefined): readonly object[] {
  if (payment === undefined) return [];
  const { email, phone_number: phone, payment_id: _paymentId, ...receiver } = row;
  const { disbursement: _disbursement, receiver_wallet: receiverWallet, ...own } = paymentJson(payment);
  return [
    {
      ...receiver,
      ...(email === null ? {} : { email }),
      ...(phone === null ? {} : { phone_number: phone }),
      receiver_wallet: receiverWallet,
      payment: own,
    },
  ];
}
