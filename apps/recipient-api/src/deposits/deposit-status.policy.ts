/** What became of the payments that waited for a person when they registered. */
export interface WaitingPayments {
  readonly open: number;
  readonly paid: number;
  readonly failed: number;
}

export type DepositStatus = 'pending_user_info_update' | 'pending_anchor' | 'completed' | 'error';

/** Null: the person has not registered yet. `completed` only when the ledger shows the money. */
export function depositStatus(payments: WaitingPayments | null): DepositStatus {
  if (payments === null) return 'pending_user_info_update';
  if (payments.open > 0) return 'pending_anchor';
  if (payments.failed > 0) return 'error';
  return payments.paid > 0 ? 'completed' : 'pending_anchor';
}
