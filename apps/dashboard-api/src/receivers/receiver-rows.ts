/** The rows that a receiver's JSON is made of. Counts and sums come as text: they are strings on the wire too. */
export interface ReceiverRow {
  readonly id: string;
  readonly email: string | null;
  readonly phone_number: string | null;
  readonly external_id: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export interface ReceiverWalletRow {
  readonly id: string;
  readonly receiver_id: string;
  readonly status: string;
  readonly stellar_address: string | null;
  readonly stellar_memo: string | null;
  readonly stellar_memo_type: string | null;
  readonly deposit_id: string | null;
  readonly invited_at: Date | null;
  readonly invitation_sent_at: Date | null;
  readonly last_message_sent_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly wallet_id: string;
  readonly wallet_name: string;
  readonly wallet_homepage: string;
  readonly wallet_client_domain: string;
  readonly wallet_deep_link: string;
  readonly wallet_enabled: boolean;
  readonly wallet_user_managed: boolean;
}

/** The payments of one receiver wallet in one asset. */
export interface PaymentSumRow {
  readonly receiver_id: string;
  readonly receiver_wallet_id: string;
  readonly asset_code: string;
  readonly asset_issuer: string;
  readonly total: bigint;
  readonly successful: bigint;
  readonly failed: bigint;
  readonly canceled: bigint;
  /** In stroops, as PostgreSQL's numeric sums it. */
  readonly received: string;
}

export interface VerificationRow {
  readonly receiver_id: string;
  readonly verification_field: string;
  readonly attempts: number;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly confirmed_at: Date | null;
  readonly failed_at: Date | null;
  readonly verification_channel: string | null;
  readonly confirmed_by_type: string | null;
  readonly confirmed_by_id: string | null;
}
