import type { ContactType, DisbursementStatus, VerificationField } from '@libs/contracts';

import type { AssetOfRow } from '../catalogue/asset-of-row';

export interface HistoryEntry {
  readonly status: string;
  readonly timestamp: string;
  readonly actor?: string;
  readonly reason?: string;
}

/** A disbursement with its asset, its wallet provider and its people, as one query returns it. */
export interface DisbursementRow extends AssetOfRow {
  readonly id: string;
  readonly name: string;
  readonly status: DisbursementStatus;
  readonly status_history: readonly HistoryEntry[];
  readonly registration_contact_type: ContactType;
  readonly verification_field: VerificationField | null;
  readonly receiver_registration_message_template: string;
  readonly file_name: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly wallet_id: string;
  readonly wallet_name: string;
  readonly wallet_homepage: string;
  readonly wallet_client_domain: string;
  readonly wallet_deep_link: string;
  readonly wallet_enabled: boolean;
  readonly wallet_user_managed: boolean;
  readonly wallet_embedded: boolean;
  /** Null, as the names, where no person of the organisation did it. */
  readonly creator_id: string | null;
  readonly creator_first_name: string | null;
  readonly creator_last_name: string | null;
  readonly starter_id: string | null;
  readonly starter_first_name: string | null;
  readonly starter_last_name: string | null;
  readonly total: number;
  readonly success: number;
  readonly failed: number;
  readonly canceled: number;
  readonly total_amount: string;
  readonly success_amount: string;
  /** In stroops of XLM; only where one disbursement is read. */
  readonly ledger_fees?: bigint;
}
