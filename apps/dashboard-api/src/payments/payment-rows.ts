import type { PaymentStatus } from '@libs/contracts';

import type { HistoryEntry } from '../disbursements/disbursement-rows';

/** A payment with everything that is shown of it, as one query returns it. */
export interface PaymentRow {
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
  readonly disbursement: object | null;
  /** Of a direct payment. */
  readonly created_by: object | null;
  readonly asset: object;
  readonly receiver_wallet: Readonly<Record<string, unknown>> & {
    readonly status_history: readonly HistoryEntry[];
  };
}
