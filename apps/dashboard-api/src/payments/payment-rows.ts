import type { PaymentStatus } from '@libs/contracts';

import type { AssetOfRow } from '../catalogue/asset-of-row';
import type { HistoryEntry } from '../disbursements/disbursement-rows';

/** A payment with everything that is shown of it, as one query returns it. Moments of what belongs to it are texts, as JSON has them. */
export interface PaymentRow extends AssetOfRow {
  readonly id: string;
  readonly type: 'DISBURSEMENT' | 'DIRECT';
  readonly amount: bigint;
  readonly status: PaymentStatus;
  readonly status_history: readonly HistoryEntry[];
  readonly stellar_transaction_id: string | null;
  readonly stellar_operation_id: string | null;
  readonly sender_address: string | null;
  readonly external_payment_id: string | null;
  readonly disputed: boolean;
  readonly cancel_requested: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
  /** Null, as all of the disbursement, for a direct payment. */
  readonly disbursement_id: string | null;
  readonly disbursement_name: string | null;
  readonly disbursement_status: string | null;
  readonly disbursement_created_at: string | null;
  readonly disbursement_updated_at: string | null;
  /** Of a direct payment; null, as the names, where no person of the organisation made it. */
  readonly creator_id: string | null;
  readonly creator_first_name: string | null;
  readonly creator_last_name: string | null;
  readonly receiver_wallet_id: string;
  readonly receiver_id: string;
  readonly provider_id: string;
  readonly provider_name: string;
  readonly provider_enabled: boolean;
  readonly stellar_address: string | null;
  readonly stellar_memo: string | null;
  readonly stellar_memo_type: string | null;
  readonly wallet_status: string;
  readonly wallet_status_history: readonly HistoryEntry[];
  readonly wallet_created_at: string;
  readonly wallet_updated_at: string;
  readonly invitation_sent_at: string | null;
}
