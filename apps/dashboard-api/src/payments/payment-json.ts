import { formatAmount } from '@libs/kernel';

import { assetOfRowJson } from '../catalogue/asset-of-row';
import type { HistoryEntry } from '../disbursements/disbursement-rows';
import type { PaymentRow } from './payment-rows';

const historyJson = (entry: HistoryEntry): object => ({
  status: entry.status,
  status_message: entry.reason ?? '',
  timestamp: entry.timestamp,
});

const disbursementJson = (row: PaymentRow): object => ({
  id: row.disbursement_id,
  name: row.disbursement_name,
  status: row.disbursement_status,
  created_at: row.disbursement_created_at,
  updated_at: row.disbursement_updated_at,
});

const creatorJson = (row: PaymentRow): object => ({
  id: row.creator_id,
  first_name: row.creator_first_name,
  last_name: row.creator_last_name,
});

const receiverWalletJson = (row: PaymentRow): object => ({
  id: row.receiver_wallet_id,
  receiver: { id: row.receiver_id },
  wallet: { id: row.provider_id, name: row.provider_name, enabled: row.provider_enabled },
  stellar_address: row.stellar_address ?? '',
  stellar_memo: row.stellar_memo ?? '',
  stellar_memo_type: row.stellar_memo_type ?? '',
  status: row.wallet_status,
  status_history: row.wallet_status_history.map(historyJson),
  created_at: row.wallet_created_at,
  updated_at: row.wallet_updated_at,
  invitation_sent_at: row.invitation_sent_at,
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
    ...(row.disbursement_id === null ? {} : { disbursement: disbursementJson(row) }),
    asset: assetOfRowJson(row),
    receiver_wallet: receiverWalletJson(row),
    created_at: row.created_at,
    updated_at: row.updated_at,
    ...(row.external_payment_id === null ? {} : { external_payment_id: row.external_payment_id }),
    ...(row.sender_address === null ? {} : { sender_address: row.sender_address }),
    ...(row.creator_id === null ? {} : { created_by: creatorJson(row) }),
    ...(row.type === 'DIRECT' && row.status === 'DRAFT' ? { awaits_approval: true } : {}),
    ...(row.disputed ? { disputed: true } : {}),
    ...(row.cancel_requested ? { cancellation_requested: true } : {}),
  };
}
