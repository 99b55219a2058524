import { formatAmount } from '@libs/kernel';

import type { HistoryEntry } from '../disbursements/disbursement-rows';
import type { PaymentRow } from './payment-rows';

const historyJson = (entry: HistoryEntry): object => ({
  status: entry.status,
  status_message: entry.reason ?? '',
  timestamp: entry.timestamp,
});

export function paymentJson(row: PaymentRow): Record<string, unknown> {
  return {
    id: row.id,
    amount: formatAmount(row.amount),
    stellar_transaction_id: row.stellar_transaction_id ?? '',
    stellar_operation_id: row.stellar_operation_id ?? '',
    status: row.status,
    status_history: row.status_history.map(historyJson),
    type: row.type,
    ...(row.disbursement === null ? {} : { disbursement: row.disbursement }),
    asset: row.asset,
    receiver_wallet: {
      ...row.receiver_wallet,
      status_history: row.receiver_wallet.status_history.map(historyJson),
    },
    created_at: row.created_at,
    updated_at: row.updated_at,
    ...(row.external_payment_id === null ? {} : { external_payment_id: row.external_payment_id }),
    ...(row.sender_address === null ? {} : { sender_address: row.sender_address }),
    ...(row.created_by === null ? {} : { created_by: row.created_by }),
    ...(row.type === 'DIRECT' && row.status === 'DRAFT' ? { awaits_approval: true } : {}),
    ...(row.disputed ? { disputed: true } : {}),
    ...(row.cancel_requested ? { cancellation_requested: true } : {}),
  };
}
